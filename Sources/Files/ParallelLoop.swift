import Synchronization

/// Lets `threads` threads (the caller's among them) take the numbers `0..<count` one after the
/// other, each number once; returns when all are done. `work` is called once on every thread.
package func parallelLoop(
  _ count: Int, threads: Int, _ work: @escaping @Sendable (_ next: () -> Int?) -> Void
) {
  let counter = Counter()
  let body: @Sendable () -> Void = {
    work {
      let number = counter.next()
      return number < count ? number : nil
    }
  }
  let others = (1..<max(1, threads)).compactMap { _ in JoinableThread(body) }
  body()
  for thread in others { thread.join() }
}

/// Counts from 0, on any thread.
private final class Counter: Sendable {
  private let value = Atomic(0)

  func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
