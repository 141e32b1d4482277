/// One piece of work of a plan, bound to its memory.
protocol Step: AnyObject {
  func run() throws(EngineError)
}

/// A loop of our own.
final class LoopStep: Step {
  private let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  func run() { body() }
}

/// A loop of our own on all threads.
final class ParallelStep: Step {
  private let work: ParallelWork
  private let threads: Int

  init(threads: Int, _ body: @escaping (_ part: Int, _ parts: Int) -> Void) {
    work = ParallelWork(body)
    self.threads = threads
  }

  func run() { work.run(threads: threads) }
}
