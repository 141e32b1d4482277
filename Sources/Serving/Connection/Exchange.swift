import Files
import NIOCore

/// Where a request's body comes from.
protocol BodyPort: Sendable {
  /// Whether ``read(into:)`` would sleep.
  var wouldWait: Bool { get }
  /// Takes what there is, at least one byte unless the body is at its end.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Where an answer goes.
protocol AnswerPort: Sendable {
  func begin(
    _ status: Int, _ type: MediaType, _ fields: [(name: String, value: String)], length: Int?)
  func write(_ bytes: ByteBuffer)
  func end(isWhole: Bool)
  /// Whether more is under way than is good.
  var isFull: Bool { get }
  func waitForRoom() throws(Cancelled)
}

/// A request and the answer to it, as the thread sees it that computes.
///
/// Unchecked: the request and what it is made of do not change; the answer's state is the computing thread's alone, and
/// what it shares with the connection lies behind monitors.
package final class Exchange: @unchecked Sendable {
  package let request: Request
  /// Cancelled when the client is gone, or the server leaves.
  package let cancellation: Cancellation
  private let body: any BodyPort
  private let outlet: any AnswerPort
  /// The right to compute; nil before the work begins.
  package internal(set) var slot: Scheduler.Slot?
  /// Whether anything of an answer was handed over.
  private(set) var hasBegun = false
  /// Seconds in which the work waited for its client or for other work.
  package private(set) var waitingTime = 0.0

  /// Takes how much of the work is done, where somebody looks at it.
  private let progress: (@Sendable (Double) -> Void)?
  /// What was read of the body, as long as the work may still be put off.
  private var kept: [UInt8]?
  /// Work whose time is not known behind so much of the body is not put off.
  private static let mostKept = 1 << 20

  /// - Parameter mayBePutOff: whether the work may be done after the answer; see ``expect(_:)``.
  init(
    _ request: Request, _ body: any BodyPort, _ outlet: any AnswerPort,
    _ cancellation: Cancellation, mayBePutOff: Bool = false,
    progress: (@Sendable (Double) -> Void)? = nil
  ) {
    self.progress = progress
    kept = mayBePutOff ? [] : nil
    self.request = request
    self.body = body
    self.outlet = outlet
    self.cancellation = cancellation
  }

  /// Takes the next bytes of the body; 0 at its end. Others compute while it waits for the client.
  package func readBody(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    try cancellation.check()
    let count: Int
    if let slot, body.wouldWait {
      count = try waiting { try slot.whileOthersCompute { try body.read(into: target) } }
    } else {
      count = try body.read(into: target)
    }
    if let before = kept?.count {
      if before + count > Self.mostKept {
        kept = nil
      } else {
        kept?.append(contentsOf: target[..<count])
      }
    }
    return count
  }

  /// Says how long the work will take, in seconds, before anything is answered.
  ///
  /// - Throws: where that is longer than the client waits. The work is then done later, from its beginning.
  package func expect(_ seconds: Double) throws(TakesLonger) {
    guard kept != nil else { return }
    if seconds > request.patience ?? 0 { throw TakesLonger(seconds: seconds) }
    kept = nil
  }

  /// What was read of the body, which is not kept any longer.
  func takeKeptBody() -> [UInt8] {
    defer { kept = nil }
    return kept ?? []
  }

  /// Says how much of the work is done, 0…1.
  package func report(_ share: Double) { progress?(share) }

  /// Steps aside where something smaller waits for a processor.
  ///
  /// - Throws: where nobody waits for the answer any more.
  package func yield() throws(Cancelled) {
    guard let slot else { return try cancellation.check() }
    try waiting { () throws(Cancelled) in try slot.yield() }
  }

  private func waiting<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = MonotonicClock.seconds
    defer { waitingTime += MonotonicClock.seconds - start }
    return try body()
  }

  // MARK: - The answer

  /// Answers at once. Only the first answer counts.
  package func respond(_ response: Response) {
    guard !hasBegun else { return }
    hasBegun = true
    outlet.begin(response.status, response.type, response.fields, length: response.body.count)
    if !response.body.isEmpty { outlet.write(ByteBuffer(bytes: response.body)) }
    outlet.end(isWhole: true)
  }

  /// Begins an answer of unknown length.
  package func begin(
    _ type: MediaType, status: Int = 200, fields: [(name: String, value: String)] = []
  ) {
    hasBegun = true
    outlet.begin(status, type, fields, length: nil)
  }

  /// Hands over some of the answer; sleeps while the client is behind, and lets others compute meanwhile.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Cancelled) {
    try cancellation.check()
    outlet.write(ByteBuffer(bytes: bytes))
    guard outlet.isFull else { return }
    if let slot {
      try waiting { () throws(Cancelled) in
        try slot.whileOthersCompute { () throws(Cancelled) in try outlet.waitForRoom() }
      }
    } else {
      try outlet.waitForRoom()
    }
  }

  package func write(_ text: String) throws(Cancelled) {
    try cancellation.check()
    outlet.write(ByteBuffer(string: text))
  }

  /// Ends an answer that was begun.
  package func end() { outlet.end(isWhole: true) }

  /// Ends with what is wrong: as a problem of its own where nothing was sent yet, otherwise so that the client sees that
  /// the answer is not whole.
  package func fail(_ problem: Problem) {
    if hasBegun { outlet.end(isWhole: false) } else { respond(problem.response) }
  }

  /// Does the work; what it throws is the answer.
  ///
  /// - Parameter putOff: called with the expected time where that is longer than the client waits.
  func run(_ work: (Exchange) throws -> Void, putOff: (Double) throws -> Void = { _ in }) {
    do {
      do { try work(self) } catch let long as TakesLonger { try putOff(long.seconds) }
    } catch let problem as Problem {
      fail(problem)
    } catch is Cancelled {
      fail(.leaving)
    } catch {
      fail(Problem(500, "this request could not be answered"))
    }
  }
}
