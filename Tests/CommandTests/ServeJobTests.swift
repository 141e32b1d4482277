import Foundation
import Images
import Testing

/// Work whose result is fetched later, and tensors in the place of images.
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

  private func start(_ query: String, _ body: Data) throws -> Job {
    let reply = try server.post(
      "/api/v1/filter?\(query)", body, fields: ["Prefer: respond-async"])
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
    let job = try ended(start("median=5&sobel", picture))
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
    let job = try ended(start("sobel", Data("no image".utf8)))
    #expect(job.state == "failed" && job.status == 415)
    let result = try server.get("/api/v1/jobs/\(job.id)/result")
    #expect(result.status == 415 && result.text.contains("not a PNG"))
    #expect(try server.get("/api/v1/jobs/0123456789abcdef0123456789abcdef").status == 404)
    #expect(try server.get("/api/v1/jobs").status == 404)
  }

  @Test func eventsAreRepeatedFromTheLastOneOn() throws {
    let job = try start("median=15", try work.pictureFile(side: 700))
    let all = try server.get("/api/v1/jobs/\(job.id)/events")
    #expect(all.isWhole && all.fields["content-type"] == "text/event-stream")
    let events = all.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
    #expect(events.first?.hasPrefix("id: 1\nevent: waiting\ndata: {") == true)
    #expect(events.last?.contains("event: done") == true)
    #expect(events.contains { $0.contains("event: running") })
    let rest = try server.get("/api/v1/jobs/\(job.id)/events", fields: ["Last-Event-ID: 2"])
    #expect(rest.text == events.dropFirst(2).map { $0 + "\n\n" }.joined())
  }

  @Test func aJobMayBeGivenUp() throws {
    let job = try start("median=61", try work.pictureFile(side: 2500))
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

  // MARK: - Tensors

  private struct Tensors: Decodable {
    struct Output: Decodable {
      let name: String
      let shape: [Int]
      let data: [Float]?
    }
    let outputs: [Output]
    let id: String?
  }

  @Test func theInferenceProtocolAnswers() throws {
    #expect(try server.get("/v2/health/live").status == 200)
    #expect(try server.get("/v2/models/digits/ready").status == 200)
    #expect(try server.get("/v2/models/nothing/ready").status == 404)
    #expect(try server.get("/v2/models/faces/ready").status == 422)
    let description = try server.get("/v2/models/digits").text
    #expect(description.contains("\"shape\":[-1,1,28,28]"))
    let numbers = (0..<2 * 784).map { Float($0 % 97) / 97 }
    let values = numbers.map { "\($0)" }.joined(separator: ",")
    let json =
      "{\"id\":\"7\",\"inputs\":[{\"name\":\"images\",\"shape\":[2,1,28,28],\"datatype\":\"FP32\",\"data\":[\(values)]}]}"
    let reply = try server.post("/v2/models/digits/infer", Data(json.utf8))
    let answer = try JSONDecoder().decode(Tensors.self, from: reply.body)
    let output = try #require(answer.outputs.first)
    #expect(answer.id == "7" && output.name == "probabilities" && output.shape == [2, 10])
    let probabilities = try #require(output.data)
    #expect(abs(probabilities.prefix(10).reduce(0, +) - 1) < 1e-4)
    // The same as bytes, in and out.
    let head = Data(
      ("{\"inputs\":[{\"name\":\"images\",\"shape\":[2,1,28,28],\"datatype\":\"FP32\","
        + "\"parameters\":{\"binary_data_size\":\(8 * 784)}}],"
        + "\"outputs\":[{\"name\":\"probabilities\",\"parameters\":{\"binary_data\":true}}]}").utf8)
    let bytes = numbers.withUnsafeBytes { Data($0) }
    let binary = try server.post(
      "/v2/models/digits/infer", head + bytes,
      fields: ["Inference-Header-Content-Length: \(head.count)"])
    let length = try #require(binary.fields["inference-header-content-length"].flatMap { Int($0) })
    let result = binary.body.dropFirst(length)
    #expect(result.count == 80)
    let floats = Array(result).withUnsafeBytes { bytes in
      (0..<20).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    #expect(zip(floats, probabilities).allSatisfy { abs($0 - $1) < 1e-5 })
    for wrong in [
      "", "[]", "{}", "{\"inputs\":[]}", json.replacing("28,28", with: "27,28"),
      json.replacing("FP32", with: "INT8"), json.replacing("\"data\":[0.0,", with: "\"data\":["),
      json.replacing("images", with: "image"),
    ] {
      #expect(
        try server.post("/v2/models/digits/infer", Data(wrong.utf8)).status == 400,
        "\(wrong.prefix(90))")
    }
  }
}
