import Files
import NIOCore
import Synchronization

/// Work that goes on when its request is answered: the answer says where the result will be.
///
/// A client asks for it with `Prefer: respond-async` (RFC 7240, section 4.1). A job is known by 128 random bits alone, so
/// that nobody finds another's.
package final class JobStore: Sendable {
  /// How long a result is kept, in seconds.
  private static let keptTime = 600.0
  /// What all results may take together.
  private static let keptBytes = 256 << 20
  /// Jobs at a time, done or not.
  private static let most = 256

  private let jobs = Mutex<[String: Job]>([:])
  private let scheduler: Scheduler
  /// Bodies that wait, and results.
  private let room = FileRoom(bytes: 2 * keptBytes)

  package init(_ scheduler: Scheduler) { self.scheduler = scheduler }

  /// Whether a request wants its answer later.
  static func isAsked(for request: Request) -> Bool {
    request.values("Prefer").joined(separator: ",").split(separator: ",")
      .contains { $0.trimmingSpaces.lowercased() == "respond-async" }
  }

  /// Takes a request's body, answers 202, and has the work done.
  func accept(
    _ exchange: Exchange, cost: Double, _ work: @escaping @Sendable (Exchange) throws -> Void
  ) throws {
    let body = try UnnamedFile(in: room)
    try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      while true {
        let count = try exchange.readBody(into: buffer)
        if count == 0 { break }
        try body.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
    let job = Job()
    let answer = try JobAnswer(job, in: room)
    let isRoom = jobs.withLock { jobs in
      guard jobs.count < Self.most else { return false }
      jobs[job.id] = job
      return true
    }
    let later = Exchange(
      exchange.request, KeptBody(body), answer, job.cancellation, progress: job.report)
    guard
      isRoom,
      scheduler.submit(
        cost: cost, job.cancellation,
        { slot in
          job.begin()
          later.slot = slot
          later.run(work)
          later.slot = nil
        })
    else {
      jobs.withLock { $0[job.id] = nil }
      throw Problem.busy
    }
    exchange.respond(
      Response(
        status: 202, type: .json,
        fields: [
          ("Location", "/api/v1/jobs/\(job.id)"), ("Preference-Applied", "respond-async"),
        ], body: Array((job.json + "\n").utf8)))
  }

  private func job(_ id: String) throws(Problem) -> Job {
    guard let job = jobs.withLock({ $0[id] }) else { throw .notFound }
    return job
  }

  /// Forgets results that are old, and the oldest where all take too much.
  func sweep() {
    jobs.withLock { jobs in
      jobs = jobs.filter { ($0.value.age ?? 0) < Self.keptTime }
      var bytes = jobs.values.reduce(0) { $0 + $1.bytes }
      while bytes > Self.keptBytes,
        let oldest = jobs.values.filter({ $0.age != nil }).max(by: {
          ($0.age ?? 0) < ($1.age ?? 0)
        })
      {
        bytes -= oldest.bytes
        jobs[oldest.id] = nil
      }
    }
  }

  func cancelAll() {
    for job in jobs.withLock({ Array($0.values) }) { job.cancel() }
  }

  // MARK: - Routes

  /// `GET` and `DELETE jobs/ID`, `GET jobs/ID/result` and `GET jobs/ID/events`.
  package var routes: [Route] {
    [
      Route(
        "GET", "/api/v1/jobs/*",
        .immediate { [self] request throws(Problem) in
          Response(text: try job(request.parameters[0]).json + "\n")
        }),
      Route(
        "DELETE", "/api/v1/jobs/*",
        .immediate { [self] request throws(Problem) in
          let job = try job(request.parameters[0])
          job.cancel()
          jobs.withLock { $0[job.id] = nil }
          return Response(text: job.json + "\n")
        }),
      Route(
        "GET", "/api/v1/jobs/*/result",
        .computed(cost: { _ in 0.001 }) { [self] exchange in
          try sendResult(of: job(exchange.request.parameters[0]), exchange)
        }),
      Route(
        "GET", "/api/v1/jobs/*/events",
        .held { [self] exchange throws(Problem) in
          try sendEvents(of: job(exchange.request.parameters[0]), exchange)
        }),
    ]
  }

  private func sendResult(of job: Job, _ exchange: Exchange) throws {
    guard let (status, type, file) = job.outcome else {
      throw Problem(
        409, "there is no result yet, or none any more; see /api/v1/jobs/\(job.id)")
    }
    exchange.begin(type, status: status)
    var place = 0
    try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      while true {
        let count = file.read(at: place, into: buffer)
        if count == 0 { break }
        try exchange.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        place += count
      }
    }
    exchange.end()
  }

  /// Server-sent events, from the one behind `Last-Event-ID` on.
  private func sendEvents(of job: Job, _ exchange: Exchange) {
    let last = exchange.request.value("Last-Event-ID").flatMap { Int($0) } ?? 0
    exchange.begin(.events)
    job.listen(after: last) { event in
      guard !exchange.cancellation.isCancelled,
        (try? exchange.write(event.text)) != nil
      else { return false }
      if event.isLast { exchange.end() }
      return true
    }
  }
}
