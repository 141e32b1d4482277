import Foundation
import Images
import Testing

/// What `vision serve` answers is what the commands give.
@Suite(.serialized) struct ServeEndpointTests {
  let work: Workspace
  let server: RunningServer

  init() throws {
    work = try Workspace()
    server = try RunningServer(work)
  }

  @Test(arguments: [
    ("filter?gaussian=1.4&sobel&direction=x", "filter --gaussian 1.4 --sobel --direction x"),
    ("filter?sobel&direction=x&gaussian=1.4", "filter --sobel --direction x --gaussian 1.4"),
    (
      "filter?kernel=1+0+-1%3B+2+0+-2%3B+1+0+-1&bias=128",
      "filter --kernel '1 0 -1; 2 0 -2; 1 0 -1' --bias 128"
    ),
    ("filter?rotate=90&format=jpeg&quality=70", "filter --rotate 90 --format jpeg --quality 70"),
    ("filter?resize=50%25&strip", "filter --resize 50% --strip"),
    ("filter?equalize", "filter --equalize"), ("filter?format=webp", "filter --format webp"),
    ("filter?median=5&region=3,4,20,20", "filter --median 5 --region 3,4,20,20"),
    ("upscale?clean=1", "upscale --clean 1"),
    ("upscale?scale=1.5&format=webp&lossless", "upscale --scale 1.5 --format webp --lossless"),
    ("denoise?sigma=20&strength=0.5", "denoise --sigma 20 --strength 0.5"),
    ("segment", "segment"), ("segment?overlay", "segment --overlay"),
  ])
  func imagesAreTheCommandsBytes(query: String, command: String) throws {
    let picture = try work.pictureFile(side: 100)
    let expected = try work.shell("$VISION \(command) - < .picture-100-1.png")
    #expect(expected.status == 0, "\(expected.error)")
    let reply = try server.post("/api/v1/\(query)", picture)
    #expect(reply.status == 200 && reply.isWhole, "\(reply.text)")
    #expect(reply.body == expected.outputBytes)
  }

  @Test(arguments: ["upscale?scale=9", "upscale?model=objects", "segment?areas"])
  func networksRefuseWhatTheyCannotDo(query: String) throws {
    let reply = try server.post("/api/v1/\(query)", try work.pictureFile(side: 50))
    #expect(reply.status == 400, "\(reply.text)")
  }

  @Test func rowsComeBackWhileOthersAreSent() throws {
    try work.write(picture(width: 3000, height: 2000), to: "large.jpg")
    let file = try work.read("large.jpg")
    let connection = try server.connect()
    try connection.send(server.head("POST", "/api/v1/filter?gaussian=1", length: file.count))
    try connection.send(file.prefix(file.count * 3 / 4))
    // The header of the answer, and something of it, before the last quarter is sent.
    let (status, fields) = try connection.head()
    #expect(status == 200 && fields["transfer-encoding"] == "chunked")
    #expect(try !connection.receive().isEmpty)
    try connection.send(file.suffix(from: file.count * 3 / 4))
    var rest = Data()
    while !rest.hasSuffix("\r\n0\r\n\r\n") {
      let more = try connection.receive()
      if more.isEmpty { break }
      rest += more
    }
    #expect(rest.hasSuffix("\r\n0\r\n\r\n"))
  }

  @Test func whoReadsNothingBeforeAllIsSentIsAnswered() throws {
    // More than the system holds between two sockets, both ways.
    let picture = try work.pictureFile(side: 2600)
    let reply = try server.post("/api/v1/filter?invert", picture)
    #expect(reply.status == 200 && reply.isWhole)
    let expected = try work.shell("$VISION filter --invert - < .picture-2600-1.png")
    #expect(reply.body == expected.outputBytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: server.temporary.path) == [])
  }

  @Test func aCutBodyEndsWithoutTheLastChunk() throws {
    try work.write(picture(width: 3000, height: 2000), to: "large.jpg")
    let file = try work.read("large.jpg").prefix(2_000_000)
    let reply = try server.post("/api/v1/filter?gaussian=1", Data(file))
    #expect(reply.status == 200 && !reply.isWhole)
    // What is known before the first byte is told.
    let small = try server.post(
      "/api/v1/filter?gaussian=1", try work.pictureFile(side: 60).prefix(400))
    #expect(small.status == 422 && small.text.contains("truncated"), "\(small.text)")
  }

  @Test func aBombIsRefusedFromItsHeader() throws {
    // A PNG that says it is 60,000 × 60,000.
    let chunk: [UInt8] = [
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0,
      0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0, 0x0F, 0xB0, 0xE2, 0x15,
    ]
    _ = try server.post("/api/v1/filter?sobel", try work.pictureFile())
    let before = try #require(try server.metric("process_resident_memory_bytes"))
    let connection = try server.connect()
    try connection.send(server.head("POST", "/api/v1/filter?sobel", length: 50 << 20))
    try connection.send(Data(chunk))
    let reply = try connection.reply()
    #expect(reply.status == 413, "\(reply.text)")
    #expect(try server.metric("process_resident_memory_bytes") ?? .infinity < before + 1e6)
  }

  @Test func classifyGivesTheCommandsLabels() throws {
    let picture = try work.pictureFile(side: 64)
    for (query, flags) in [("", ""), ("?top=3&model=objects", "--top 3 --model objects")] {
      let expected = try work.shell("$VISION classify --json \(flags) - < .picture-64-1.png")
      let reply = try server.post("/api/v1/classify\(query)", picture)
      #expect(reply.status == 200, "\(reply.text)")
      #expect(try close(Labels.array(reply.body), Labels.array(expected.outputBytes)))
    }
    #expect(try server.post("/api/v1/classify?top=0", picture).status == 400)
    #expect(try server.post("/api/v1/classify?model=faces", picture).status == 422)
  }

  @Test func oneBadImageFailsAlone() throws {
    var files = try (0..<64).map {
      ("image \($0).png", try work.pictureFile(side: 50, seed: $0 + 1))
    }
    files[37].1 = Data(files[37].1.prefix(300))
    let form = RunningServer.form(files.map { (name: $0.0, bytes: $0.1) })
    let reply = try server.post(
      "/api/v1/classify?top=2&model=objects", form.body, fields: [form.field])
    #expect(reply.status == 200 && reply.isWhole)
    #expect(reply.fields["content-type"] == "application/x-ndjson")
    let rows = reply.text.split(separator: "\n")
    #expect(rows.count == 64)
    for (index, row) in rows.enumerated() {
      if index == 37 {
        #expect(row.contains("truncated") && row.contains("\"status\":422"), "\(row)")
        continue
      }
      let alone = try server.post("/api/v1/classify?top=2&model=objects", files[index].1)
      let label = try JSONDecoder().decode(Labels.self, from: Data(row.utf8))
      #expect(label.path == files[index].0)
      #expect(try close([label], Labels.array(alone.body)))
    }
  }

  @Test func infoAndGenerate() throws {
    let picture = try work.pictureFile(side: 8)
    let info = try server.post("/api/v1/info?matrix", picture)
    #expect(
      info.body == (try work.shell("$VISION info --json --matrix - < .picture-8-1.png")).outputBytes
    )
    let faces = try server.get("/api/v1/generate?n=4&seed=7&columns=2")
    #expect(faces.fields["content-type"] == "image/png")
    #expect(
      faces.body
        == (try work.vision("gan", "sample", "-n", "4", "--seed", "7", "--columns", "2", "-o", "-"))
        .outputBytes)
    #expect(try server.get("/api/v1/generate?n=100000").status == 400)
  }

  @Test func whatIsWrongIsOneLine() throws {
    let picture = try work.pictureFile()
    let cases: [(String, Data, Int, String)] = [
      ("/api/v1/filter?soble", picture, 400, "sobel"),
      ("/api/v1/filter?gaussian=-1", picture, 400, "gaussian"),
      ("/api/v1/filter", picture, 400, "no filter"),
      ("/api/v1/filter?direction=x", picture, 400, "must follow"),
      ("/api/v1/filter?sobel", Data("no image at all, really".utf8), 415, "not a PNG"),
      ("/api/v1/filter?sobel", Data(), 422, "the file is empty"),
      ("/api/v1/filter?box=99&padding=valid", picture, 422, "window"),
      ("/api/v1/info?crop=1", picture, 400, "crop"),
    ]
    for (target, body, status, text) in cases {
      let reply = try server.post(target, body)
      #expect(reply.status == status, "\(target): \(reply.text)")
      #expect(reply.fields["content-type"] == "application/problem+json")
      #expect(reply.text.contains(text), "\(reply.text)")
      let problem = try #require(
        try JSONSerialization.jsonObject(with: reply.body) as? [String: Any])
      #expect(problem["error"] as? String == problem["detail"] as? String)
      #expect(!reply.text.contains(NSHomeDirectory()) && !reply.text.contains("/tmp"))
    }
  }

  @Test(arguments: [
    "filter?median=25", "filter?gaussian=60", "filter?compression=small&format=png", "segment",
    "denoise?sigma=20", "denoise?sigma=auto", "upscale",
  ])
  func aClientThatGoesFreesItsWork(query: String) throws {
    let picture = try work.pictureFile(side: 2500)
    do {
      let connection = try server.connect()
      try connection.send(
        server.head("POST", "/api/v1/\(query)", ["Prefer: wait=600"], length: picture.count))
      try connection.send(picture)
      while try server.metric("vision_working_requests") ?? 0 < 1 {}
    }
    let deadline = Date(timeIntervalSinceNow: 5)
    while try server.metric("vision_working_requests") ?? 1 > 0, Date() < deadline {}
    #expect(Date() < deadline)
    #expect(try server.metric("vision_cancelled_requests_total") == 1)
  }

  @Test func othersAreNotTouchedByThoseWhoGo() throws {
    let server = try RunningServer(work, "--queue", "250")
    let picture = try work.pictureFile(side: 120)
    let expected = try work.shell("$VISION filter --median 7 - < .picture-120-1.png").outputBytes
    var staying: [Connection] = []
    for number in 0..<200 {
      let connection = try server.connect()
      try connection.send(server.head("POST", "/api/v1/filter?median=7", length: picture.count))
      if number % 2 == 0 {
        try connection.send(picture)
        staying.append(connection)
      } else {
        // Gone with the scope, in the middle of its body.
        try connection.send(picture.prefix(picture.count / 2))
      }
    }
    for connection in staying { #expect(try connection.reply().body == expected) }
  }

  @Test func aFullQueueSaysWhenToComeAgain() throws {
    let small = try RunningServer(work, "--queue", "1")
    let status503 = "vision_requests_total{endpoint=\"/api/v1/filter\",status=\"503\"}"
    func taken() throws -> Double {
      try (small.metric("vision_working_requests") ?? 0)
        + (small.metric("vision_waiting_requests") ?? 0)
    }
    // None of them sends its body, so that those that are taken stay; each is taken or refused before the next.
    var (connections, refused): ([Connection], [Connection]) = ([], [])
    while refused.count < 5, connections.count < 60 {
      let (before, others) = (try taken(), try small.metric(status503) ?? 0)
      let connection = try small.connect()
      connections.append(connection)
      try connection.send(small.head("POST", "/api/v1/filter?sobel", length: 1000))
      while try taken() == before, try (small.metric(status503) ?? 0) == others {}
      if try (small.metric(status503) ?? 0) > others { refused.append(connection) }
    }
    #expect(refused.count == 5)
    for connection in refused {
      let reply = try connection.reply()
      #expect(reply.status == 503 && reply.fields["retry-after"] != nil)
    }
    #expect(try small.get("/healthz").status == 200)
  }

  @Test func runsAndModelsAreThoseOfTheStart() throws {
    try work.write("epoch,loss\n1,2\n", to: "run/log.csv")
    try work.write("secret", to: "run/notes.txt")
    let own = try RunningServer(work, "--run", "run", "--model", "objects")
    #expect(try own.get("/api/v1/runs").text.contains("\"files\":[\"log.csv\"]"))
    #expect(try own.get("/api/v1/runs/0/log.csv").text == "epoch,loss\n1,2\n")
    #expect(try own.get("/api/v1/runs/0/notes.txt").status == 404)
    #expect(try own.get("/api/v1/runs/1/log.csv").status == 404)
    #expect(try own.get("/api/v1/models/objects").text.contains("\"layers\""))
    #expect(try own.get("/api/v1/models/faces").status == 404)
    for method in ["POST", "PUT", "DELETE"] {
      #expect(try own.request(method, "/api/v1/models/objects", body: Data()).status == 405)
    }
    #expect(try work.vision("serve", "--run", "nowhere", "--port", "0").status == 2)
    #expect(try work.vision("serve", "--model", "nothing", "--port", "0").status == 2)
  }
}

/// A row of what `classify` prints.
private struct Labels: Decodable {
  struct Candidate: Decodable {
    let label: String
    let probability: Double
  }
  let path: String
  let label: String?
  let top: [Candidate]

  static func array(_ data: Data) throws -> [Labels] {
    try JSONDecoder().decode([Labels].self, from: data)
  }
}

/// Whether the labels are the same, and the probabilities to 1e-5.
private func close(_ a: [Labels], _ b: [Labels]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { a, b in
      a.label == b.label && a.top.count == b.top.count
        && zip(a.top, b.top).allSatisfy {
          $0.label == $1.label && abs($0.probability - $1.probability) <= 1.1e-5
        }
    }
}

extension Data {
  fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count) == Data(text.utf8) }
}
