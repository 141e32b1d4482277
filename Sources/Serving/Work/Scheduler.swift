import Files
import Glibc

/// Decides which of the requests that need a processor compute, and which wait.
///
/// As many compute at once as there are processors. Who waits for a client, for memory or for another's result lets
/// others compute meanwhile. Of those who wait the one with the least work goes first, so that a small request is never
/// behind large ones; what has waited long counts as smaller. Large work asks between two strips whether a smaller one
/// waits (``Slot/yield()``), and steps aside.
///
/// Unchecked: everything that changes does so inside the monitor.
package final class Scheduler: @unchecked Sendable {
  /// Seconds of waiting that are worth one second of work.
  private static let patience = 10.0

  private let monitor = Monitor()
  private let threads: WorkQueue
  private let processors: Int
  private let admissions: Int
  private let queueLength: Int
  private let memory: Int

  private var computing = 0
  private var admitted = 0
  private var memoryInUse = 0
  private var queue: [Ticket] = []
  /// Admitted work that waits for a processor.
  private var resuming: [Ticket] = []
  private var lastWork = MonotonicClock.seconds
  private var tickets = 0

  private final class Ticket {
    let cost: Double
    let since: Double
    let cancellation: Cancellation
    let start: (@Sendable (Slot) -> Void)?
    var isGranted = false

    init(cost: Double, _ cancellation: Cancellation, start: (@Sendable (Slot) -> Void)?) {
      self.cost = cost
      since = MonotonicClock.seconds
      self.cancellation = cancellation
      self.start = start
    }

    func urgency(at now: Double) -> Double { cost - (now - since) / Scheduler.patience }
  }

  /// - Parameters:
  ///   - processors: how many compute at once.
  ///   - queue: how many requests may wait before they are admitted.
  ///   - memory: bytes that admitted work may reserve in all.
  package init(processors: Int, queue: Int, memory: Int) {
    self.processors = processors
    queueLength = queue
    self.memory = memory
    admissions = 4 * processors + 4
    threads = WorkQueue(threads: admissions)
  }

  /// How many requests wait, and how many are admitted.
  package var load: (waiting: Int, working: Int) {
    monitor.withLock { (queue.count, admitted) }
  }

  /// Since when nothing has been done, in seconds; nil while something is.
  package var idleTime: Double? {
    monitor.withLock {
      admitted == 0 && queue.isEmpty ? MonotonicClock.seconds - lastWork : nil
    }
  }

  /// Has work done on a thread of the scheduler's once its turn comes. Work that is cancelled before is still called,
  /// to be given up in the usual way.
  ///
  /// - Parameter cost: the expected work in seconds.
  /// - Returns: false where the queue is full.
  package func submit(
    cost: Double, _ cancellation: Cancellation, _ work: @escaping @Sendable (Slot) -> Void
  ) -> Bool {
    let isTaken = monitor.withLock {
      // Nothing stays in the queue that can begin.
      if queue.count >= queueLength { return false }
      queue.append(Ticket(cost: cost, cancellation, start: work))
      admit()
      return true
    }
    if isTaken { cancellation.whenCancelled { [weak self] in self?.wake() } }
    return isTaken
  }

  private func wake() {
    monitor.withLock {
      admit()
      monitor.signal()
    }
  }

  /// Gives free processors to those who wait; inside the monitor.
  private func admit() {
    let now = MonotonicClock.seconds
    while true {
      // Who was given up is let through at once, to get out of the way.
      if let gone = queue.firstIndex(where: { $0.cancellation.isCancelled }), admitted < admissions
      {
        start(queue.remove(at: gone))
        continue
      }
      guard computing < processors else { return }
      let next = queue.enumerated().min { $0.1.urgency(at: now) < $1.1.urgency(at: now) }
      let back = resuming.enumerated().min { $0.1.urgency(at: now) < $1.1.urgency(at: now) }
      if let back, next.map({ back.1.urgency(at: now) <= $0.1.urgency(at: now) }) ?? true {
        resuming.remove(at: back.0)
        back.1.isGranted = true
        computing += 1
        monitor.signal()
      } else if let next, admitted < admissions {
        start(queue.remove(at: next.0))
      } else if let back {
        resuming.remove(at: back.0)
        back.1.isGranted = true
        computing += 1
        monitor.signal()
      } else {
        return
      }
    }
  }

  private func start(_ ticket: Ticket) {
    admitted += 1
    computing += 1
    guard let work = ticket.start else { return }
    let slot = Slot(self, cost: ticket.cost, ticket.cancellation)
    threads.add {
      work(slot)
      slot.finish()
    }
  }

  // MARK: - Slots

  /// The right to compute, of one piece of work on one thread.
  package final class Slot: @unchecked Sendable {
    private let scheduler: Scheduler
    private let cost: Double
    private let cancellation: Cancellation
    private var reserved = 0
    private var isComputing = true

    fileprivate init(_ scheduler: Scheduler, cost: Double, _ cancellation: Cancellation) {
      self.scheduler = scheduler
      self.cost = cost
      self.cancellation = cancellation
    }

    /// Calls what may sleep, while others compute.
    package func whileOthersCompute<Result, Failure: Error>(
      _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
      scheduler.release(self)
      defer { scheduler.resume(self) }
      return try body()
    }

    /// Steps aside where something smaller waits.
    package func yield() throws(Cancelled) {
      try cancellation.check()
      scheduler.yield(self)
      try cancellation.check()
    }

    /// Waits until there is room for as many bytes besides what others have reserved, in the place of what this work
    /// reserved before: nobody waits for room while holding some. What alone is more than the whole room waits until
    /// it is alone.
    package func reserve(_ bytes: Int) throws(Cancelled) {
      scheduler.release(self)
      defer { scheduler.resume(self) }
      try scheduler.reserve(bytes, for: self)
    }

    fileprivate func finish() { scheduler.finish(self) }

    fileprivate func cancelled() -> Bool { cancellation.isCancelled }

    fileprivate var costs: Double { cost }
    fileprivate var token: Cancellation { cancellation }
    fileprivate var computes: Bool {
      get { isComputing }
      set { isComputing = newValue }
    }
    fileprivate var bytes: Int {
      get { reserved }
      set { reserved = newValue }
    }
  }

  private func release(_ slot: Slot) {
    monitor.withLock {
      guard slot.computes else { return }
      slot.computes = false
      computing -= 1
      admit()
    }
  }

  private func resume(_ slot: Slot) {
    monitor.withLock {
      guard !slot.computes else { return }
      let ticket = Ticket(cost: slot.costs, slot.token, start: nil)
      resuming.append(ticket)
      admit()
      while !ticket.isGranted, !slot.cancelled() { monitor.wait() }
      if !ticket.isGranted {
        // It will only clean up.
        resuming.removeAll { $0 === ticket }
        computing += 1
      }
      slot.computes = true
    }
  }

  private func yield(_ slot: Slot) {
    let isWanted = monitor.withLock {
      let now = MonotonicClock.seconds
      let hasRoom = admitted < admissions
      return (hasRoom && queue.contains { $0.urgency(at: now) < slot.costs })
        || resuming.contains { $0.urgency(at: now) < slot.costs }
    }
    guard isWanted else { return }
    release(slot)
    resume(slot)
  }

  private func reserve(_ bytes: Int, for slot: Slot) throws(Cancelled) {
    try monitor.withLock { () throws(Cancelled) in
      memoryInUse -= slot.bytes
      slot.bytes = 0
      monitor.signal()
      while memoryInUse > 0, memoryInUse + bytes > memory {
        if slot.cancelled() { throw Cancelled() }
        monitor.wait()
      }
      memoryInUse += bytes
      slot.bytes = bytes
    }
  }

  private func finish(_ slot: Slot) {
    monitor.withLock {
      if slot.computes { computing -= 1 }
      admitted -= 1
      memoryInUse -= slot.bytes
      lastWork = MonotonicClock.seconds
      admit()
      monitor.signal()
    }
  }
}
