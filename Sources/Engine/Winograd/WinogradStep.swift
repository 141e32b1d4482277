import Synchronization

/// One chunk of a Winograd convolution's images, and who computes it.
struct WinogradChunk {
  let index: Int
  let team: Int
  /// Whether it is its team's first.
  let isFirst: Bool
}

/// Images to points, a product for each point, points to images; chunk by chunk.
///
/// Either all threads are one team that works on chunk after chunk, or each thread is a team and takes
/// chunks of its own. A team's threads share the products, so that nobody waits before the last, or compute
/// each together. Who takes what is fixed: the same thread count gives the same bits.
final class WinogradStep: Step {
  typealias Pass = (_ chunk: WinogradChunk, _ part: Int, _ parts: Int) -> Void

  private let work: Work
  private let threads, productThreads: Int
  private let before, multiply, after, teams: ParallelWork
  private let finish: ParallelWork?

  /// - Parameters:
  ///   - products: for each team, what it runs between `before` and `after`.
  ///   - productThreads: for how many threads each of them was made: one, or all of the team.
  ///   - finish: what all threads do after the last chunk.
  init(
    chunks: Int, threads: Int, products: [[Primitive]], productThreads: Int,
    before: @escaping Pass, after: @escaping Pass,
    finish: ((_ part: Int, _ parts: Int) -> Void)? = nil
  ) {
    let work = Work(chunks: chunks, products: products, before: before, after: after)
    self.work = work
    (self.threads, self.productThreads) = (threads, productThreads)
    self.before = ParallelWork { before(work.chunk, $0, $1) }
    multiply = ParallelWork { work.multiply(team: 0, part: $0, parts: $1) }
    self.after = ParallelWork { after(work.chunk, $0, $1) }
    teams = ParallelWork { part, parts in
      for team in share(products.count, part: part, parts: parts) { work.run(team: team) }
    }
    self.finish = finish.map(ParallelWork.init)
  }

  func run() throws(EngineError) {
    if work.products.count == 1 {
      for chunk in work.chunks(of: 0) {
        work.chunk = chunk
        before.run(threads: threads)
        multiply.run(threads: threads / productThreads)
        after.run(threads: threads)
      }
    } else {
      teams.run(threads: threads)
    }
    if let failure = work.takeFailure() { throw failure }
    finish?.run(threads: threads)
  }

  private final class Work {
    let products: [[Primitive]]
    /// The chunk at work where there is one team; only changed between parallel passes.
    var chunk = WinogradChunk(index: 0, team: 0, isFirst: true)
    private let failure = Mutex<EngineError?>(nil)
    private let chunks: Int
    private let before, after: Pass

    init(chunks: Int, products: [[Primitive]], before: @escaping Pass, after: @escaping Pass) {
      (self.chunks, self.products, self.before, self.after) = (chunks, products, before, after)
    }

    func chunks(of team: Int) -> some Sequence<WinogradChunk> {
      let own = share(chunks, part: team, parts: products.count)
      return own.lazy.map {
        WinogradChunk(index: $0, team: team, isFirst: $0 == own.lowerBound)
      }
    }

    /// What went wrong since the last call.
    func takeFailure() -> EngineError? { failure.withLock { $0.take() } }

    /// What one thread does that is a team by itself.
    func run(team: Int) {
      for chunk in chunks(of: team) {
        before(chunk, 0, 1)
        multiply(team: team, part: 0, parts: 1)
        after(chunk, 0, 1)
      }
    }

    /// A thread's share of a team's products.
    func multiply(team: Int, part: Int, parts: Int) {
      let products = products[team]
      do throws(EngineError) {
        for point in share(products.count, part: part, parts: parts) { try products[point].run() }
      } catch {
        failure.withLock { $0 = error }
      }
    }
  }
}
