import Files
import NIOCore
import Synchronization

/// Work that goes on when its request is answered: the answer says where the result will be.
///
/// That is so where more than two seconds are expected, and where a client asks for it; see ``Patience``. A job is known
/// by 128 random bits alone, so that nobody finds another's.
package final class JobStore: Sendable {
  /// How long a result is kept, in seconds.
  private static let keptTime = 600.0
  /// What all results may take together.
  private static let keptBytes = 256 << 20
  /// Jobs at a time, done or not.
  private static let most = 256

  private let jobs = Mutex<[String: Job]>([:])
  private let scheduler: Scheduler
  private let numbers = EventNumbers()
  /// Bodies that wait, and results.
  let room = FileRoom(bytes: 2 * keptBytes)

  package init(_ scheduler: Scheduler) { self.scheduler = scheduler }

  /// Takes a request's body, the part that was read already too, answers 202, and has the work done.
  func accept(
    _ exchange: Exchange, cost: Double, _ work: @escaping @Sendable (Exchange) throws -> Void
  ) throws {
    let body = try UnnamedFile(in: room)
    try fill(body, from: exchange)
    let job = Job(numbers)
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
        fields: [("Location", "/api/v1/jobs/\(job.id)")],
        body: Array((job.json + "\n").utf8)))
  }

  /// Takes what was read of a body already, and the rest.
  private func fill(_ file: UnnamedFile, from exchange: Exchange) throws {
    let kept = exchange.takeKeptBody()
    try kept.withUnsafeBytes { try file.append($0) }
    try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      while true {
        let count = try exchange.readBody(into: buffer)
        if count == 0 { break }
        try file.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
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

  /// `GET` and `DELETE jobs/ID`, `GET jobs/ID/result` and `GET jobs/ID/events`; `GET events` tells of several jobs at once.
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
          try sendEvents(of: [job(exchange.request.parameters[0])], exchange)
        }),
      Route(
        "GET", "/api/v1/events",
        .held { [self] exchange throws(Problem) in try sendEvents(exchange) }),
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

  /// Events of the jobs that a query names, `?job=ID&job=ID`: a browser has six connections to a server, whatever the
  /// number of its tabs and their jobs.
  private func sendEvents(_ exchange: Exchange) throws(Problem) {
    var ids: [String] = []
    for item in exchange.request.target.items {
      guard item.name == "job", let id = item.value else {
        throw .badRequest("name jobs, as in ?job=ID&job=ID")
      }
      if !ids.contains(id) { ids.append(id) }
    }
    // What is not there any more is seen by asking for it.
    let named = jobs.withLock { jobs in ids.compactMap { jobs[$0] } }
    if named.isEmpty { throw .notFound }
    sendEvents(of: named, exchange)
  }

  /// Server-sent events, from the one behind `Last-Event-ID` on, until all jobs have ended.
  private func sendEvents(of jobs: [Job], _ exchange: Exchange) {
    let last = exchange.request.value("Last-Event-ID").flatMap { Int($0) } ?? 0
    if jobs.allSatisfy({ $0.isOver(after: last) }) {
      // A browser that listens comes again until it is told so.
      return exchange.respond(Response(status: 204, type: .events, body: []))
    }
    exchange.begin(.events)
    let underWay = Mutex(jobs.count)
    let end: @Sendable () -> Void = {
      let left = underWay.withLock { count in
        count -= 1
        return count
      }
      if left == 0 { exchange.end() }
    }
    for job in jobs {
      job.listen(after: last) { event in
        guard !exchange.cancellation.isCancelled,
          (try? exchange.write(event.text)) != nil
        else { return false }
        if event.isLast { end() }
        return true
      }
    }
  }
}
