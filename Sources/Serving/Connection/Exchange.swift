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

  /// Takes how much of the work is done, where somebody looks at it.
  private let progress: (@Sendable (Double) -> Void)?

  init(
    _ request: Request, _ body: any BodyPort, _ outlet: any AnswerPort,
    _ cancellation: Cancellation, progress: (@Sendable (Double) -> Void)? = nil
  ) {
    self.progress = progress
    self.request = request
    self.body = body
    self.outlet = outlet
    self.cancellation = cancellation
  }

  /// Takes the next bytes of the body; 0 at its end. Others compute while it waits for the client.
  package func readBody(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let slot, body.wouldWait else { return try body.read(into: target) }
    return try slot.whileOthersCompute { try body.read(into: target) }
  }

  /// Says how much of the work is done, 0…1.
  package func report(_ share: Double) { progress?(share) }

  /// Steps aside where something smaller waits for a processor.
  ///
  /// - Throws: where nobody waits for the answer any more.
  package func yield() throws(Cancelled) {
    guard let slot else { return try cancellation.check() }
    try slot.yield()
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
      try slot.whileOthersCompute { () throws(Cancelled) in try outlet.waitForRoom() }
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
  func run(_ work: (Exchange) throws -> Void) {
    do { try work(self) } catch let problem as Problem {
      fail(problem)
    } catch is Cancelled {
      fail(.leaving)
    } catch {
      fail(Problem(500, "this request could not be answered"))
    }
  }
}
