import Foundation
import Testing

/// Who is answered, and what a client may take: each of these was a report on a server of this kind.
@Suite(.serialized) struct ServePolicyTests {
  let work: Workspace
  let server: RunningServer

  init() throws {
    work = try Workspace()
    server = try RunningServer(work)
  }

  @Test func itSaysItsAddressAlone() throws {
    #expect(server.address == "http://127.0.0.1:\(server.port)/")
    #expect(try server.get("/healthz").text == "ok\n")
    #expect(try server.get("/readyz").status == 200)
    #expect(server.stop() == 0)
    #expect(server.error == "")
  }

  @Test func onlyItsOwnNamesAreAnswered() throws {
    for host in [
      "127.0.0.1:\(server.port)", "localhost:\(server.port)", "LOCALHOST:\(server.port)",
    ] {
      #expect(try server.get("/healthz", fields: ["Host: \(host)"]).status == 200, "\(host)")
    }
    let foreign = [
      "", ":\(server.port)", "127.0.0.1", "localhost", "evil.example:\(server.port)",
      "localhost:\(server.port).evil.example", "user@localhost:\(server.port)",
      "localhost.evil.example:\(server.port)", "localhost:1", "127.0.0.1:\(server.port) x",
    ]
    for host in foreign {
      for method in ["GET", "POST", "OPTIONS", "HEAD"] {
        let reply = try server.request(method, "/healthz", fields: ["Host: \(host)"])
        #expect([400, 421].contains(reply.status), "\(method) \(host)")
      }
    }
    // A name of somebody else's that was made to mean this machine: Origin is that name, too.
    let rebound = "evil.example:\(server.port)"
    #expect(
      try server.get("/", fields: ["Host: \(rebound)", "Origin: http://\(rebound)"]).status == 421)
    let name = "Host: 127.0.0.1:\(server.port)"
    let requests = [
      "GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\n\(name)\r\n\(name)\r\n\r\n",
      "GET http://evil.example/healthz HTTP/1.1\r\n\(name)\r\n\r\n",
      "GET http://127.0.0.1:\(server.port)/healthz HTTP/1.1\r\n\(name)\r\n\r\n",
      "CONNECT 127.0.0.1:\(server.port) HTTP/1.1\r\n\(name)\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\n\(name)\r\n\r\n",
    ]
    for request in requests {
      let status = try server.raw(request)?.status
      #expect(status == 421 || status == 400, "\(request)")
    }
  }

  @Test func otherPagesAreRefused() throws {
    let own = "http://127.0.0.1:\(server.port)"
    let picture = try work.pictureFile()
    #expect(
      try server.post("/api/v1/info", picture, fields: ["Origin: \(own.uppercased().lowercased())"])
        .status == 200)
    for origin in [
      "http://evil.example", "null", "NULL", "https://127.0.0.1:\(server.port)",
      "http://127.0.0.1", "\(own).evil.example", "",
    ] {
      // Refused before the body is sent.
      let connection = try server.connect()
      try connection.send(
        server.head("POST", "/api/v1/info", ["Origin: \(origin)"], length: 1_000_000))
      #expect(try connection.reply().status == 403, "\(origin)")
    }
    for site in ["cross-site", "same-site", "Cross-Site"] {
      #expect(try server.get("/api/v1/models", fields: ["Sec-Fetch-Site: \(site)"]).status == 403)
      let connection = try server.connect()
      try connection.send(
        server.head("POST", "/api/v1/info", ["Sec-Fetch-Site: \(site)"], length: 1_000_000))
      #expect(try connection.reply().status == 403)
    }
    #expect(try server.get("/api/v1/models", fields: ["Sec-Fetch-Site: same-origin"]).status == 200)
  }

  @Test func aLinkMayLeadToThePage() throws {
    let link = [
      "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document",
    ]
    for panel in ["/", "/filter?sobel", "/restore?work=denoise", "/runs"] {
      #expect(try server.get(panel, fields: link).status == 200)
    }
    #expect(try server.get("/api/v1/models", fields: link).status == 403)
    #expect(
      try server.get("/", fields: [link[0], link[1], "Sec-Fetch-Dest: iframe"]).status == 403)
    #expect(try server.get("/", fields: [link[0], "Sec-Fetch-Mode: no-cors"]).status == 403)
  }

  @Test func noAnswerOpensADoor() throws {
    for (method, target) in [
      ("GET", "/"), ("GET", "/healthz"), ("GET", "/nothing"), ("OPTIONS", "/api/v1/filter"),
      ("POST", "/api/v1/filter"), ("GET", "/metrics"), ("TRACE", "/"), ("GET", "/api/v1/filter"),
    ] {
      let reply = try server.request(method, target, fields: [], body: Data())
      #expect(!(300..<400).contains(reply.status))
      #expect(reply.fields.keys.allSatisfy { !$0.hasPrefix("access-control") })
      #expect(reply.fields["set-cookie"] == nil)
      #expect(reply.fields["x-content-type-options"] == "nosniff", "\(target)")
      #expect(reply.fields["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
      #expect(reply.fields["cross-origin-resource-policy"] == "same-origin")
    }
    #expect(try server.get("/api/v1/filter").status == 405)
    #expect(try server.get("/api/v1/filter").fields["allow"] == "POST")
  }

  @Test(arguments: [
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
    "/%252e%252e/etc/passwd", "/api/v1/models/..", "/api/v1/models/%2e%2e%2fobjects",
    "/api/v1/runs/0/..%5cconfig.json", "/file=/etc/passwd", "/api/v1/models/%00objects",
    "/api/v1/runs/0/%c0%ae%c0%ae/config.json", "//etc/passwd", "/assets/../../../etc/passwd",
  ])
  func noPathLeadsOut(target: String) throws {
    let reply = try server.get(target)
    #expect([400, 404].contains(reply.status))
    #expect(!reply.text.contains("root:"))
  }

  @Test func noItemNamesAFileOrAnAddress() throws {
    let picture = try work.pictureFile()
    for query in [
      "mask=/etc/passwd", "sobel&mask=in.png", "kernel=@/etc/passwd", "dilate&element=@/etc/passwd",
      "url=http://127.0.0.1/", "o=/tmp/x", "output=/tmp/x", "sobel&histogram", "list",
    ] {
      let reply = try server.post("/api/v1/filter?\(query)", picture)
      #expect(reply.status == 400, "\(query): \(reply.text)")
    }
    for query in ["model=/etc/passwd", "model=../objects", "sheet=x.png", "labels=/etc/passwd"] {
      #expect(try server.post("/api/v1/classify?\(query)", picture).status == 400, "\(query)")
    }
    #expect(try server.get("/api/v1/generate?model=/etc/passwd").status == 400)
  }

  @Test func malformedRequestsCloseTheConnection() throws {
    let name = "Host: 127.0.0.1:\(server.port)\r\n"
    let requests = [
      "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\(name)\r\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Content-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\n\(name) folded: x\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Transfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n",
      "POST /api/v1/info HTTP/1.1\r\n\(name)Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    ]
    for request in requests {
      let connection = try server.connect()
      try connection.send(request)
      let reply = try? connection.reply()
      #expect(reply == nil || (400..<600).contains(reply?.status ?? 0), "\(request)")
      // Nothing follows.
      #expect((try? connection.receive().isEmpty) ?? true, "\(request)")
    }
    #expect(try server.get("/healthz").status == 200)
  }

  @Test func headersHaveLimits() throws {
    let fields = (0..<150).map { "X-\($0): y" }
    #expect([400, 431].contains(try server.get("/healthz", fields: fields).status))
    let long = ["X-Long: " + String(repeating: "a", count: 17 << 10)]
    #expect([400, 431].contains(try server.get("/healthz", fields: long).status))
    #expect(try server.get("/healthz", fields: Array(fields.prefix(90))).status == 200)
  }

  @Test func whatIsTooLargeIsRefusedBeforeItComes() throws {
    let connection = try server.connect()
    try connection.send(server.head("POST", "/api/v1/filter?sobel", length: 65 << 20))
    let reply = try connection.reply()
    #expect(reply.status == 413)
    #expect(reply.fields["content-type"] == "application/problem+json")
    let small = try RunningServer(work, "--max-upload", "1K")
    #expect(try small.post("/api/v1/info", Data(count: 1025)).status == 413)
    let chunked = try small.connect()
    try chunked.send(small.head("POST", "/api/v1/info", ["Transfer-Encoding: chunked"]))
    try chunked.send("800\r\n" + String(repeating: "a", count: 2048) + "\r\n0\r\n\r\n")
    #expect(try chunked.reply().status == 413)
  }

  @Test func compressedBodiesAreRefused() throws {
    let compressed = try server.connect()
    try compressed.send(
      server.head("POST", "/api/v1/info", ["Content-Encoding: gzip"], length: 4) + "1234")
    let reply = try compressed.reply()
    #expect(reply.status == 415)
    #expect(reply.text.contains("without Content-Encoding"))
    let plain = try server.connect()
    try plain.send(
      server.head("POST", "/api/v1/info", ["Content-Encoding: identity"], length: 4) + "1234")
    #expect(try plain.reply().text.contains("not a PNG"))
  }

  /// Behind a request for another protocol there is no HTTP any more: the connection ends, and nobody waits.
  @Test(arguments: ["CONNECT", "GET"]) func noOtherProtocolIsSpoken(method: String) throws {
    let connection = try server.connect()
    try connection.send(
      server.head(method, "/healthz", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"])
        + server.head("GET", "/healthz"))
    let reply = try connection.reply()
    #expect(reply.status == (method == "GET" ? 200 : 405))
    #expect(reply.fields["connection"] == "close")
    while try !connection.receive().isEmpty {}
  }

  @Test func requestsMayFollowEachOther() throws {
    let connection = try server.connect()
    let one = server.head("GET", "/healthz")
    try connection.send(one + one + server.head("GET", "/nothing") + one)
    #expect(try [200, 200, 404, 200] == (0..<4).map { _ in try connection.reply().status })
  }

  @Test func theTokenIsAskedFor() throws {
    try work.write("a-token-of-letters-and-9\n", to: "token")
    let outcome = try work.vision("serve", "--host", "0.0.0.0", "--port", "0")
    #expect(outcome.status == 64)
    #expect(outcome.errorLines.count == 1 && outcome.error.contains("--token-file"))
    let guarded = try RunningServer(
      work, "--host", "0.0.0.0", "--allow-host", "127.0.0.1", "--token-file", "token")
    let right = "Authorization: Bearer a-token-of-letters-and-9"
    #expect(try guarded.get("/api/v1/models").status == 401)
    #expect(try guarded.get("/metrics").status == 401)
    #expect(try guarded.get("/nothing").status == 401)
    #expect(try guarded.get("/api/v1/models", fields: [right]).status == 200)
    for wrong in [
      "", "x", "a-token-of-letters-and-", "a-token-of-letters-and-99", "A-token-of-letters-and-9",
    ] {
      let reply = try guarded.get("/api/v1/models", fields: ["Authorization: Bearer \(wrong)"])
      #expect(reply.status == 401, "\(wrong)")
    }
    #expect(try guarded.get("/").status == 200)
    #expect(try guarded.get("/healthz").status == 200)
    try work.write("short\n", to: "short")
    #expect(try work.vision("serve", "--token-file", "short", "--port", "0").status == 64)
  }

  @Test func aTakenPortSaysWhatToDo() throws {
    let outcome = try work.vision("serve", "--port", "\(server.port)")
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "vision: 127.0.0.1:\(server.port) is taken by another program; give another --port, "
        + "or --port 0 for any that is free\n")
  }

  @Test func itLeavesOnceTheWorkIsDone() throws {
    let picture = try work.pictureFile(side: 700)
    let connections = try (0..<20).map { _ in try server.connect() }
    for connection in connections {
      try connection.send(server.head("POST", "/api/v1/filter?median=9", length: picture.count))
      try connection.send(picture)
    }
    // Until all are taken.
    while try server.metric("vision_working_requests") ?? 0 < 1 {}
    server.process.terminate()
    for connection in connections {
      let reply = try connection.reply()
      #expect(reply.isWhole && [200, 503].contains(reply.status))
    }
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
  }

  @Test func metricsAreWellFormed() throws {
    _ = try server.post("/api/v1/info", try work.pictureFile())
    let reply = try server.get("/metrics")
    let lines = reply.text.split(separator: "\n")
    #expect(lines.contains("vision_requests_total{endpoint=\"/api/v1/info\",status=\"200\"} 1"))
    for line in lines where !line.hasPrefix("#") {
      #expect(line.contains(/^[a-z_]+(\{[^{}]*\})? [0-9.e+-]+$/), "\(line)")
    }
  }
}

extension Workspace {
  /// A PNG of noise.
  func pictureFile(side: Int = 40, seed: Int = 1) throws -> Data {
    let name = ".picture-\(side)-\(seed).png"
    if !exists(name) { try write(picture(width: side, height: side, seed: seed), to: name) }
    return try read(name)
  }
}
