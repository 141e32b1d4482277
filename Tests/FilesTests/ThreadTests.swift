import Files
import Foundation
import Synchronization
import Testing

@Suite struct ThreadTests {
  /// What the kernel says of this process, as under `taskset`, not of the machine.
  @Test func processorsAreThoseThatMayBeUsed() throws {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let lines = status.split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("Cpus_allowed:") })
    let digits = line.split(separator: "\t").last ?? ""
    let count = digits.reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
    #expect(processorCount == count)
  }

  @Test(arguments: [0, 1, 5, 1000], [1, 4])
  func aParallelLoopTakesEveryNumberOnce(count: Int, threads: Int) {
    let seen = Mutex<[Int]>([])
    parallelLoop(count, threads: threads) { next in
      while let number = next() { seen.withLock { $0.append(number) } }
    }
    #expect(seen.withLock { $0.sorted() } == Array(0..<count))
  }

  @Test func aQueueDoesWhatWaitsBeforeItEnds() {
    let done = Mutex(0)
    do {
      let queue = WorkQueue(threads: 2)
      for _ in 0..<100 { queue.add { done.withLock { $0 += 1 } } }
    }
    #expect(done.withLock { $0 } == 100)
  }
}

@Suite struct OrderedPrefetcherTests {
  @Test(arguments: [1, 2, 7, 100], [1, 2, 5])
  func elementsComeInOrderAndNotTooFarAhead(count: Int, threads: Int) {
    let taken = Atomic(0)
    let bound = 3
    let elements = OrderedPrefetcher(count: count, bound: bound, threads: threads) { number in
      // What is made has not been taken, and is within the bound of what has.
      (number, number - taken.load(ordering: .sequentiallyConsistent))
    }
    var numbers: [Int] = []
    while true {
      // Said before: an element taken makes room at once.
      taken.add(1, ordering: .sequentiallyConsistent)
      guard let (number, lead) = elements.next() else { break }
      numbers.append(number)
      #expect(lead < bound)
    }
    #expect(numbers == Array(0..<count))
    #expect(elements.next() == nil)
  }

  /// The place of an element that is in use goes to no other: with a ring of two, the buffer of element n
  /// is only written for n + 2 once n was released.
  @Test func placesAreReusedOnlyAfterRelease() {
    let ring = Mutex([0, 0])
    let elements = OrderedPrefetcher(count: 200, bound: 2, threads: 3, startingAt: 10) { number in
      ring.withLock { $0[number % 2] = number }
      return number
    }
    for expected in 10..<210 {
      #expect(elements.oldest() == expected)
      #expect(ring.withLock { $0[expected % 2] } == expected)
      #expect(elements.oldest() == expected)
      elements.releaseOldest()
    }
    #expect(elements.oldest() == nil)
  }

  @Test(arguments: [1, 3])
  func nilEndsTheElements(threads: Int) {
    let elements = OrderedPrefetcher(bound: 4, threads: threads) { $0 < 5 ? $0 : nil }
    var numbers: [Int] = []
    while let number = elements.next() { numbers.append(number) }
    #expect(numbers == [0, 1, 2, 3, 4])
  }

  @Test func droppingItEndsTheThreads() {
    let elements = OrderedPrefetcher(count: 1_000_000, bound: 4, threads: 3) { $0 }
    #expect(elements.next() == 0)
  }
}
