import Files
import NIOCore
import Synchronization

/// A piece of work whose result is fetched later.
///
/// Unchecked: everything that changes does so inside the monitor.
final class Job: @unchecked Sendable {
  enum State: String {
    case waiting, running, done, failed, cancelled
  }

  /// What happened, numbered, as an event of a stream.
  struct Event {
    let number: Int
    let text: String
    let isLast: Bool
  }

  let id: String
  let cancellation = Cancellation()
  private let monitor = Monitor()
  private var state = State.waiting
  private var share = 0.0
  private var status = 0
  private var type = MediaType.bytes
  private var result: UnnamedFile?
  private var events: [Event] = []
  private var listeners: [(Event) -> Bool] = []
  private var endedAt: Double?
  private let numbers: EventNumbers

  /// Events that are kept for who comes back.
  private static let keptEvents = 200

  init(_ numbers: EventNumbers) {
    self.numbers = numbers
    // 128 bits of the system's randomness.
    var generator = SystemRandomNumberGenerator()
    id = [generator.next(), generator.next()].map { (word: UInt64) in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    monitor.withLock { note() }
  }

  /// Seconds since it ended; nil while it has not.
  var age: Double? { monitor.withLock { endedAt.map { MonotonicClock.seconds - $0 } } }
  /// What its result takes.
  var bytes: Int { monitor.withLock { result?.count ?? 0 } }

  // MARK: - From the work

  func begin() {
    monitor.withLock {
      guard state == .waiting else { return }
      state = .running
      note()
    }
  }

  /// Steps of less than a hundredth are not told.
  func report(_ share: Double) {
    monitor.withLock {
      guard state == .running, share >= self.share + 0.01 else { return }
      self.share = min(share, 1)
      note()
    }
  }

  func end(_ status: Int, _ type: MediaType, _ result: UnnamedFile?, isWhole: Bool) {
    monitor.withLock {
      guard endedAt == nil else { return }
      self.status = status
      self.type = type
      self.result = isWhole ? result : nil
      if isWhole, status < 400 { share = 1 }
      state = cancellation.isCancelled ? .cancelled : isWhole && status < 400 ? .done : .failed
      endedAt = MonotonicClock.seconds
      note()
    }
  }

  /// Gives the work up; what there is of a result is gone.
  func cancel() {
    cancellation.cancel()
    monitor.withLock {
      guard endedAt == nil else { return }
      state = .cancelled
      endedAt = MonotonicClock.seconds
      note()
    }
  }

  // MARK: - For clients

  var json: String { monitor.withLock { text } }

  /// The answer of the work; nil while there is none.
  var outcome: (status: Int, type: MediaType, file: UnnamedFile)? {
    monitor.withLock { result.map { (status, type, $0) } }
  }

  /// Whether nothing will happen behind an event's number any more.
  func isOver(after number: Int) -> Bool {
    monitor.withLock { endedAt != nil && (events.last?.number ?? 0) <= number }
  }

  /// Tells what happened behind an event's number, the newest in any case, and what happens from now on, until the listener
  /// says that it has enough, or the job has ended.
  func listen(after number: Int, _ listener: @escaping (Event) -> Bool) {
    monitor.withLock {
      let newest = events.last?.number ?? 0
      for event in events where event.number > number || event.number == newest {
        guard listener(event), !event.isLast else { return }
      }
      if endedAt == nil { listeners.append(listener) }
    }
  }

  private var text: String {
    "{\"id\":\(jsonText(id)),\"state\":\(jsonText(state.rawValue))"
      + ",\"progress\":\((share * 100).rounded() / 100)"
      + (endedAt == nil ? "" : ",\"status\":\(status),\"bytes\":\(result?.count ?? 0)")
      + ",\"result\":\(jsonText("/api/v1/jobs/\(id)/result"))"
      + ",\"events\":\(jsonText("/api/v1/jobs/\(id)/events"))}"
  }

  /// Inside the monitor.
  private func note() {
    let number = numbers.next()
    let event = Event(
      number: number, text: "id: \(number)\nevent: \(state.rawValue)\ndata: \(text)\n\n",
      isLast: endedAt != nil)
    events.append(event)
    if events.count > Self.keptEvents { events.removeFirst() }
    listeners.removeAll { !$0(event) || event.isLast }
  }
}

/// Numbers events of all jobs in the order in which they happen, so that one stream may tell of several.
final class EventNumbers: Sendable {
  private let last = Atomic(0)

  func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// The answer of a job, kept in a file.
///
/// Unchecked: used by the thread alone that does the work.
final class JobAnswer: AnswerPort, @unchecked Sendable {
  private let job: Job
  private let file: UnnamedFile
  private var status = 200
  private var type = MediaType.bytes
  private var problem: Problem?

  init(_ job: Job, in room: FileRoom) throws(Problem) {
    self.job = job
    file = try UnnamedFile(in: room)
  }

  func begin(
    _ status: Int, _ type: MediaType, _ fields: [(name: String, value: String)], length: Int?
  ) {
    (self.status, self.type) = (status, type)
  }

  func write(_ bytes: ByteBuffer) {
    guard problem == nil else { return }
    do throws(Problem) {
      try bytes.withUnsafeReadableBytes { bytes throws(Problem) in try file.append(bytes) }
    } catch {
      problem = error
      // The rest of the work is of no use.
      job.cancellation.cancel()
    }
  }

  func end(isWhole: Bool) {
    job.end(problem?.status ?? status, type, file, isWhole: isWhole && problem == nil)
  }

  var isFull: Bool { false }
  func waitForRoom() {}
}

/// A body that came whole before the work began.
///
/// Unchecked: read by the thread alone that does the work.
final class KeptBody: BodyPort, @unchecked Sendable {
  private let file: UnnamedFile
  private var position = 0

  init(_ file: UnnamedFile) { self.file = file }

  var wouldWait: Bool { false }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let count = file.read(at: position, into: target)
    position += count
    return count
  }
}
