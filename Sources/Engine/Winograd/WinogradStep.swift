/// Images to points, a product for each point, points to images; chunk by chunk.
final class WinogradStep: Step {
  typealias Pass = (_ chunk: Int, _ part: Int, _ parts: Int) -> Void

  /// The chunk at work; only changed between parallel passes.
  private final class Counter { var chunk = 0 }

  private let chunks: Int
  private let threads: Int
  private let counter = Counter()
  private let before: ParallelWork
  private let products: [Primitive]
  private let after: ParallelWork

  init(
    chunks: Int, threads: Int, products: [Primitive], before: @escaping Pass,
    after: @escaping Pass
  ) {
    self.chunks = chunks
    self.threads = threads
    self.products = products
    let counter = counter
    self.before = ParallelWork { before(counter.chunk, $0, $1) }
    self.after = ParallelWork { after(counter.chunk, $0, $1) }
  }

  func run() throws(EngineError) {
    for chunk in 0..<chunks {
      counter.chunk = chunk
      before.run(threads: threads)
      for product in products { try product.run() }
      after.run(threads: threads)
    }
  }
}
