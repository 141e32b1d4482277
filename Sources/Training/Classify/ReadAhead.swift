import Images

/// Makes elements in background threads, in any order, and hands them over in order; the threads run
/// a bounded number of elements ahead of the one who takes them.
///
/// Unchecked: all that changes does so inside the monitor, but for the threads, which only the one
/// who made the object touches.
package final class ReadAhead<Element: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private let count: Int
  private let make: @Sendable (Int) -> Element
  /// Those made and not yet taken, each at its number modulo the bound.
  private var made: [Element?]
  private var nextToMake = 0
  private var nextToTake = 0
  private var isClosed = false
  private var threads: [JoinableThread] = []

  /// - Parameters:
  ///   - count: elements to make.
  ///   - bound: how many may be made and not yet taken.
  ///   - make: makes the element of a number from 0.
  package init(
    count: Int, bound: Int, threads threadCount: Int, make: @escaping @Sendable (Int) -> Element
  ) {
    self.count = count
    self.make = make
    made = Array(repeating: nil, count: max(1, min(bound, count)))
    threads = (0..<max(1, min(threadCount, count))).compactMap { _ in
      JoinableThread { [self] in while makeOne() {} }
    }
  }

  /// Waits for the next element; nil after the last.
  package func next() -> Element? {
    guard nextToTake < count else { return nil }
    // Where the system has no thread to give, whoever takes makes.
    if threads.isEmpty { _ = makeOne() }
    return monitor.withLock {
      let place = nextToTake % made.count
      while true {
        if let element = made[place] {
          made[place] = nil
          nextToTake += 1
          monitor.signal()
          return element
        }
        monitor.wait()
      }
    }
  }

  /// Ends the threads; to be called once, when no more elements are wanted.
  package func close() {
    monitor.withLock {
      isClosed = true
      monitor.signal()
    }
    for thread in threads { thread.join() }
    threads = []
  }

  /// Makes an element once there is room for it; false when there is nothing left to make.
  private func makeOne() -> Bool {
    let number: Int? = monitor.withLock {
      while !isClosed, nextToMake < count, nextToMake >= nextToTake + made.count { monitor.wait() }
      guard !isClosed, nextToMake < count else { return nil }
      nextToMake += 1
      return nextToMake - 1
    }
    guard let number else { return false }
    let element = make(number)
    monitor.withLock {
      made[number % made.count] = element
      monitor.signal()
    }
    return true
  }
}
