import Glibc
import Synchronization

/// Lets `threads` threads (the caller's among them) take the numbers `0..<count` one after the
/// other, each number once; returns when all are done. `work` is called once on every thread.
package func shareOut(
  _ count: Int, among threads: Int, _ work: @escaping @Sendable (_ next: () -> Int?) -> Void
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

/// A thread that is waited for.
struct JoinableThread {
  private let handle: pthread_t

  /// Starts `body`; nil where the system gives no more threads.
  init?(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Body(call: body))
    var handle = pthread_t()
    let failure = pthread_create(
      &handle, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().call() }
        return nil
      }, box.toOpaque())
    if failure != 0 {
      box.release()
      return nil
    }
    self.handle = handle
  }

  func join() { pthread_join(handle, nil) }

  private final class Body: Sendable {
    let call: @Sendable () -> Void
    init(call: @escaping @Sendable () -> Void) { self.call = call }
  }
}
