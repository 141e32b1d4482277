/// Makes elements on background threads, in any order, and hands them over in order; the threads run a
/// bounded number of elements ahead of the one who takes them.
///
/// An element that is not yet released counts towards the bound, so what makes elements may reuse memory:
/// element n can have the place n modulo the bound in a ring of buffers. With one thread elements are made
/// in order. Where the system has no thread to give, whoever takes elements makes them.
///
/// The threads end when this object goes.
package final class OrderedPrefetcher<Element: Sendable> {
  private let work: Work<Element>
  private let threads: [JoinableThread]

  /// - Parameters:
  ///   - count: how many elements there are at most.
  ///   - bound: how many may be made and not yet released, from 1.
  ///   - threads: how many threads make elements, from 1.
  ///   - first: the number of the first element.
  ///   - make: makes the element of a number; nil where there is none, nor any after it.
  package init(
    count: Int = .max, bound: Int, threads: Int, startingAt first: Int = 0,
    make: @escaping @Sendable (Int) -> Element?
  ) {
    let work = Work(first: first, count: count, bound: max(1, bound), make)
    self.work = work
    // The threads hold the work, not this object, so that it can go while they run.
    self.threads = (0..<max(1, min(threads, count))).compactMap { _ in
      JoinableThread { while work.makeOne() {} }
    }
  }

  deinit {
    work.close()
    for thread in threads { thread.join() }
  }

  /// Waits for the oldest element that is not yet released; nil after the last.
  package func oldest() -> Element? {
    if threads.isEmpty { work.makeOldest() }
    return work.oldest(releasing: false)
  }

  /// Gives the place of the oldest element to another.
  package func releaseOldest() { work.releaseOldest() }

  /// Waits for the oldest element and releases it; nil after the last.
  package func next() -> Element? {
    if threads.isEmpty { work.makeOldest() }
    return work.oldest(releasing: true)
  }
}

/// What the threads of a prefetcher share.
///
/// Unchecked: everything that changes does so inside the monitor.
private final class Work<Element: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private let make: @Sendable (Int) -> Element?
  /// Those made and not yet released, each at its number modulo the bound.
  private var made: [Element?]
  private var end: Int
  private var nextToMake: Int
  private var nextToTake: Int
  private var isClosed = false

  init(first: Int, count: Int, bound: Int, _ make: @escaping @Sendable (Int) -> Element?) {
    self.make = make
    end = count == .max ? .max : first + count
    nextToMake = first
    nextToTake = first
    made = Array(repeating: nil, count: min(bound, max(1, count)))
  }

  /// Makes an element once there is room for it; false when there is nothing left to make.
  func makeOne() -> Bool {
    let claimed: Int? = monitor.withLock {
      while !isClosed, nextToMake < end, nextToMake >= nextToTake + made.count { monitor.wait() }
      guard !isClosed, nextToMake < end else { return nil }
      nextToMake += 1
      return nextToMake - 1
    }
    guard let number = claimed else { return false }
    let element = make(number)
    monitor.withLock {
      if let element { made[number % made.count] = element } else { end = min(end, number) }
      monitor.signal()
    }
    return true
  }

  /// Without threads: makes the element that is to be taken, unless it is there.
  func makeOldest() {
    if nextToMake == nextToTake { _ = makeOne() }
  }

  func oldest(releasing: Bool) -> Element? {
    monitor.withLock {
      let place = nextToTake % made.count
      while made[place] == nil, nextToTake < end { monitor.wait() }
      defer { if releasing { release(place) } }
      return made[place]
    }
  }

  func releaseOldest() {
    monitor.withLock { release(nextToTake % made.count) }
  }

  private func release(_ place: Int) {
    guard made[place] != nil else { return }
    made[place] = nil
    nextToTake += 1
    monitor.signal()
  }

  func close() {
    monitor.withLock {
      isClosed = true
      monitor.signal()
    }
  }
}
