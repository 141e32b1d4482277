import Foundation
import Testing

/// What a few bytes could ask of a server, and must not get.
@Suite(.serialized) struct ServeLimitTests {
  let work: Workspace
  let server: RunningServer

  init() throws {
    work = try Workspace()
    server = try RunningServer(work)
  }

  /// The beginning of a PNG of 1 × 30,000,000 pixels.
  private static let tall = Data([
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1,
    0x01, 0xC9, 0xC3, 0x80, 8, 2, 0, 0, 0, 0xCA, 0xFC, 0x59, 0xEA, 0, 0, 0, 8, 0x49, 0x44, 0x41,
    0x54, 0x78, 0x9C, 3, 0, 0, 0, 0, 1, 0x48, 0x06, 0x89, 0xD2,
  ])
  /// The same of 5000 × 5000 pixels.
  private static let large = Data([
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0,
    0x13, 0x88, 0, 0, 0x13, 0x88, 8, 2, 0, 0, 0, 0xD2, 0xFA, 0x10, 0x9C, 0, 0, 0, 8, 0x49, 0x44,
    0x41, 0x54, 0x78, 0x9C, 3, 0, 0, 0, 0, 1, 0x48, 0x06, 0x89, 0xD2,
  ])

  /// 100 times as many rows would need tables of gigabytes.
  @Test(arguments: ["resize=100x", "resize=10000%25&resize=10000%25", "rotate=30&resize=100x"])
  func aNarrowImageIsNotMadeHuge(query: String) throws {
    let reply = try server.post("/api/v1/filter?\(query)", Self.tall)
    #expect(reply.status == 413, "\(reply.text)")
    #expect(try server.get("/healthz").status == 200)
  }

  /// Together they would be more than all requests may hold; one after the other they are not.
  @Test func largeImagesOfOneFormAreTakenOneByOne() throws {
    let form = RunningServer.form((0..<3).map { ("\($0).png", Self.large) })
    let reply = try server.post("/api/v1/classify", form.body, fields: [form.field])
    #expect(reply.status == 200 && reply.isWhole)
    let rows = reply.text.split(separator: "\n")
    #expect(rows.count == 3 && rows.allSatisfy { $0.contains("\"status\":422") }, "\(reply.text)")
  }

  @Test func anAnswerToHeadHasNoBody() throws {
    let job = try server.post(
      "/api/v1/filter?sobel", try work.pictureFile(), fields: ["Prefer: respond-async"])
    let address = try #require(job.fields["location"])
    // Until it has ended.
    #expect(try server.get(address + "/events").isWhole)
    let connection = try server.connect()
    try connection.send(
      server.head("HEAD", address + "/result") + server.head("HEAD", address + "/events")
        + server.head("HEAD", address) + server.head("GET", "/healthz"))
    for _ in 0..<3 { #expect(try connection.reply(hasBody: false).status == 200) }
    // What follows begins where the header ended.
    #expect(try connection.reply().text == "ok\n")
  }
}
