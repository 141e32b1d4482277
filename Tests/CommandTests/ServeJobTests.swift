import Foundation
import Images
import Testing

/// Work whose result is fetched later.
@Suite(.serialized) struct ServeJobTests {
  let work: Workspace
  let server: RunningServer

  init() throws {
    work = try Workspace()
    server = try RunningServer(work)
  }

  private struct Job: Decodable {
    let id: String
    let state: String
    let progress: Double
    let status: Int?
  }

  private func start(
    _ query: String, _ body: Data, _ fields: [String] = ["Prefer: respond-async"]
  ) throws -> Job {
    let reply = try server.post("/api/v1/\(query)", body, fields: fields)
    #expect(reply.status == 202, "\(reply.text)")
    let job = try JSONDecoder().decode(Job.self, from: reply.body)
    #expect(reply.fields["location"] == "/api/v1/jobs/\(job.id)")
    #expect(job.id.count == 32 && job.id.allSatisfy(\.isHexDigit))
    return job
  }

  private func ended(_ job: Job) throws -> Job {
    while true {
      let now = try JSONDecoder().decode(
        Job.self, from: try server.get("/api/v1/jobs/\(job.id)").body)
      if !["waiting", "running"].contains(now.state) { return now }
    }
  }

  @Test func theResultIsTheCommands() throws {
    let picture = try work.pictureFile(side: 300)
    let job = try ended(start("filter?median=5&sobel", picture))
    #expect(job.state == "done" && job.progress == 1 && job.status == 200)
    let expected = try work.shell("$VISION filter --median 5 --sobel - < .picture-300-1.png")
    // As often as one likes.
    for _ in 0..<2 {
      let result = try server.get("/api/v1/jobs/\(job.id)/result")
      #expect(result.body == expected.outputBytes)
      #expect(result.fields["content-type"] == "image/png")
    }
    #expect(try server.request("DELETE", "/api/v1/jobs/\(job.id)").status == 200)
    #expect(try server.get("/api/v1/jobs/\(job.id)").status == 404)
    #expect(try server.get("/api/v1/jobs/\(job.id)/result").status == 404)
  }

  @Test func whatFailsSaysSo() throws {
    let job = try ended(start("filter?sobel", Data("no image".utf8)))
    #expect(job.state == "failed" && job.status == 415)
    let result = try server.get("/api/v1/jobs/\(job.id)/result")
    #expect(result.status == 415 && result.text.contains("not a PNG"))
    #expect(try server.get("/api/v1/jobs/0123456789abcdef0123456789abcdef").status == 404)
    #expect(try server.get("/api/v1/jobs").status == 404)
  }

  @Test func eventsAreRepeatedFromTheLastOneOn() throws {
    let job = try start("filter?median=15", try work.pictureFile(side: 700))
    let all = try server.get("/api/v1/jobs/\(job.id)/events")
    #expect(all.isWhole && all.fields["content-type"] == "text/event-stream")
    let events = all.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
    #expect(events.first?.hasPrefix("id: 1\nevent: waiting\ndata: {") == true)
    #expect(events.last?.contains("event: done") == true)
    #expect(events.contains { $0.contains("event: running") })
    let rest = try server.get("/api/v1/jobs/\(job.id)/events", fields: ["Last-Event-ID: 2"])
    #expect(rest.text == events.dropFirst(2).map { $0 + "\n\n" }.joined())
  }

  @Test func oneStreamTellsOfSeveralJobs() throws {
    let picture = try work.pictureFile(side: 300)
    let jobs = try ["median=5", "median=15", "sobel"].map { try start("filter?\($0)", picture) }
    let query = jobs.map { "job=\($0.id)" }.joined(separator: "&")
    let all = try server.get("/api/v1/events?\(query)&job=nothing")
    #expect(all.isWhole && all.fields["content-type"] == "text/event-stream")
    let events = all.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
    for job in jobs {
      #expect(events.contains { $0.contains(job.id) && $0.contains("event: done") })
    }
    // Numbers are those of all, so that the last one says what was missed of each.
    let numbers = events.compactMap { event in
      event.split(separator: "\n").first.flatMap { Int($0.dropFirst(4)) }
    }
    #expect(Set(numbers).count == events.count)
    let newest = try #require(numbers.max())
    // Nothing will come any more: a browser that listens need not come again.
    for address in ["events?\(query)", "jobs/\(jobs[0].id)/events"] {
      let rest = try server.get("/api/v1/\(address)", fields: ["Last-Event-ID: \(newest)"])
      #expect(rest.status == 204 && rest.body.isEmpty)
    }
    #expect(try server.get("/api/v1/events?job=nothing").status == 404)
    #expect(try server.get("/api/v1/events").status == 404)
    #expect(try server.get("/api/v1/events?id=\(jobs[0].id)").status == 400)
  }

  @Test func whatTakesLongIsDoneLater() throws {
    // Some 55 megapixels are expected to take more than two seconds, 80 × 80 pixels are not.
    _ = try work.pictureFile(side: 80)
    let made = try work.shell(
      "$VISION filter --gray --resize 7400x7400 --fit stretch --interpolation nearest - "
        + "< .picture-80-1.png")
    let picture = made.outputBytes
    try work.write(picture, to: "large.png")
    let expected = try work.shell("$VISION filter --invert --crop 9,9,20,20 - < large.png")
    let job = try ended(start("filter?invert&crop=9,9,20,20", picture, []))
    #expect(try server.get("/api/v1/jobs/\(job.id)/result").body == expected.outputBytes)
    let small = try work.pictureFile(side: 80)
    #expect(try server.post("/api/v1/filter?invert", small).status == 200)
    // Who says how long to wait waits.
    for preference in ["wait=600", "respond-async, wait=600"] {
      let reply = try server.post(
        "/api/v1/filter?invert&crop=9,9,20,20", picture, fields: ["Prefer: \(preference)"])
      #expect(reply.status == 200 && reply.body == expected.outputBytes)
    }
    #expect(
      try server.post("/api/v1/denoise?sigma=20", small, fields: ["Prefer: wait=0"]).status == 202)
  }

  @Test func aJobMayBeGivenUp() throws {
    let job = try start("filter?median=61", try work.pictureFile(side: 2500))
    while try server.metric("vision_working_requests") ?? 0 < 1 {}
    #expect(try server.request("DELETE", "/api/v1/jobs/\(job.id)").status == 200)
    let deadline = Date(timeIntervalSinceNow: 5)
    while try server.metric("vision_working_requests") ?? 1 > 0, Date() < deadline {}
    #expect(Date() < deadline)
  }

  @Test func nothingIsLeftByAKill() throws {
    let picture = try work.pictureFile(side: 700)
    let connections = try (0..<50).map { _ in try server.connect() }
    for (number, connection) in connections.enumerated() {
      let fields = number % 2 == 0 ? ["Prefer: respond-async"] : []
      try connection.send(
        server.head("POST", "/api/v1/filter?median=9", fields, length: picture.count))
      try connection.send(picture.prefix(picture.count / 2))
    }
    try withExtendedLifetime(connections) {
      while try server.metric("vision_working_requests") ?? 0 < 4 {}
    }
    kill(server.process.processIdentifier, SIGKILL)
    server.process.waitUntilExit()
    #expect(try FileManager.default.contentsOfDirectory(atPath: server.temporary.path) == [])
  }

  @Test func formatsOfCamerasAreNamed() throws {
    let heic = Data([0, 0, 0, 24]) + Data("ftypheic".utf8) + Data(count: 100)
    let reply = try server.post("/api/v1/filter?sobel", heic)
    #expect(reply.status == 415 && reply.text.contains("HEIC is not read here"))
    let form = RunningServer.form([
      (name: "a.heic", bytes: heic), (name: "b.png", bytes: try work.pictureFile()),
    ])
    let rows = try server.post("/api/v1/classify", form.body, fields: [form.field]).text
      .split(separator: "\n")
    #expect(rows.count == 2 && rows[0].contains("HEIC") && rows[1].contains("\"label\""))
  }
}
