import Files
import Serving
import Synchronization
import Testing

struct SchedulerTests {
  /// Notes who came when.
  private final class Log: Sendable {
    private let names = Mutex<[String]>([])
    func add(_ name: String) { names.withLock { $0.append(name) } }
    var all: [String] { names.withLock { $0 } }
  }

  /// Something that happens once.
  private final class Gate: @unchecked Sendable {
    private let monitor = Monitor()
    private var isOpen = false
    func open() {
      monitor.withLock {
        isOpen = true
        monitor.signal()
      }
    }
    func pass() { monitor.withLock { while !isOpen { monitor.wait() } } }
  }

  private func untilIdle(_ scheduler: Scheduler) {
    while scheduler.idleTime == nil {}
  }

  @Test func smallWorkGoesFirst() {
    let scheduler = Scheduler(processors: 1, queue: 10, memory: 100)
    let (log, gate) = (Log(), Gate())
    #expect(scheduler.submit(cost: 1, Cancellation()) { _ in gate.pass() })
    for (name, cost) in [("large", 3.0), ("small", 0.1), ("middle", 1.0)] {
      #expect(scheduler.submit(cost: cost, Cancellation()) { _ in log.add(name) })
    }
    gate.open()
    untilIdle(scheduler)
    #expect(log.all == ["small", "middle", "large"])
  }

  @Test func largeWorkStepsAside() {
    let scheduler = Scheduler(processors: 1, queue: 10, memory: 100)
    let (log, gate) = (Log(), Gate())
    #expect(
      scheduler.submit(cost: 5, Cancellation()) { slot in
        gate.pass()
        try? slot.yield()
        log.add("large")
      })
    #expect(scheduler.submit(cost: 0.1, Cancellation()) { _ in log.add("small") })
    gate.open()
    untilIdle(scheduler)
    #expect(log.all == ["small", "large"])
  }

  @Test func whoWaitsLetsOthersCompute() {
    let scheduler = Scheduler(processors: 1, queue: 10, memory: 100)
    let (log, gate) = (Log(), Gate())
    #expect(
      scheduler.submit(cost: 0.1, Cancellation()) { slot in
        slot.whileOthersCompute { gate.pass() }
        log.add("first")
      })
    #expect(
      scheduler.submit(cost: 1, Cancellation()) { _ in
        log.add("second")
        gate.open()
      })
    untilIdle(scheduler)
    #expect(log.all == ["second", "first"])
  }

  @Test func theQueueHasAnEnd() {
    let scheduler = Scheduler(processors: 1, queue: 2, memory: 100)
    let gate = Gate()
    let taken = (0..<5).map { _ in scheduler.submit(cost: 1, Cancellation()) { _ in gate.pass() } }
    #expect(taken == [true, true, true, false, false])
    #expect(scheduler.load.waiting == 2)
    gate.open()
    untilIdle(scheduler)
  }

  @Test func memoryIsSharedOut() {
    let scheduler = Scheduler(processors: 3, queue: 10, memory: 100)
    let (log, gate) = (Log(), Gate())
    let held = Gate()
    #expect(
      scheduler.submit(cost: 1, Cancellation()) { slot in
        try? slot.reserve(80)
        held.open()
        gate.pass()
        log.add("first")
      })
    held.pass()
    // More than there is alone, and more than is left.
    for bytes in [1000, 30] {
      #expect(
        scheduler.submit(cost: 1, Cancellation()) { slot in
          try? slot.reserve(bytes)
          log.add("later")
        })
    }
    let given = Cancellation()
    #expect(
      scheduler.submit(cost: 1, given) { slot in
        do { try slot.reserve(50) } catch { log.add("given up") }
      })
    given.cancel()
    while log.all != ["given up"] {}
    gate.open()
    untilIdle(scheduler)
    #expect(log.all == ["given up", "first", "later", "later"])
  }

  /// Who holds some and wants more gives back first: two of them would wait for each other, and one for itself.
  @Test func nobodyWaitsForMemoryWhileHoldingSome() {
    let scheduler = Scheduler(processors: 2, queue: 10, memory: 100)
    let log = Log()
    let gates = [Gate(), Gate()]
    for number in 0..<2 {
      #expect(
        scheduler.submit(cost: 1, Cancellation()) { slot in
          try? slot.reserve(40)
          gates[number].open()
          slot.whileOthersCompute { gates[1 - number].pass() }
          try? slot.reserve(80)
          log.add("done")
        })
    }
    untilIdle(scheduler)
    #expect(log.all == ["done", "done"])
  }
}
