import Serving
import Testing

struct TargetTests {
  @Test func itemsKeepTheirOrder() throws {
    let target = try Target(
      "/api/v1/filter?gaussian=1.4&sobel&direction=x&kernel=1+0%3B%2B2&a=b=c&e=")
    #expect(target.segments == ["api", "v1", "filter"])
    #expect(
      target.items.map(\.name) == ["gaussian", "sobel", "direction", "kernel", "a", "e"])
    #expect(target.items.map(\.value) == ["1.4", nil, "x", "1 0;+2", "b=c", ""])
  }

  @Test(arguments: [
    "", "x", "/%", "/%4", "/%zz", "/%ff", "/a/../b", "/%2e%2e/a", "/a%2fb", "/a%5Cb", "/%00",
    "/a?b=%0d%0a", "/a/..%2F\u{301}", "/%2F%CC%81",
  ])
  func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: Problem.self) { try Target(text) }
  }

  @Test func separatorsAreBytesWhateverFollowsThem() throws {
    let target = try Target("/a/\u{301}b?\u{301}c=\u{301}d&\u{301}e&&f")
    #expect(target.segments == ["a", "\u{301}b"])
    #expect(target.items.map(\.name) == ["\u{301}c", "\u{301}e", "f"])
    #expect(target.items.map(\.value) == ["\u{301}d", nil, nil])
  }

  @Test func noMoreThanAHundredItems() throws {
    let items = Array(repeating: "a=1", count: 101).joined(separator: "&")
    #expect(throws: Problem.self) { try Target("/?\(items)") }
    _ = try Target("/?\(items.dropLast(4))")
  }
}

struct PolicyTests {
  let policy = RequestPolicy(names: ["127.0.0.1", "LocalHost", "[::1]"], port: 80, token: nil)

  @Test func thePortMayBeLeftOutWhereItIsTheUsualOne() throws {
    for host in ["127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:80", "[::1]", "[::1]:80"] {
      try policy.checkHost(uri: "/", hosts: [host])
    }
    for hosts in [
      [], ["localhost", "localhost"], ["localhost:8080"], ["[::1]:81"], ["::1"], [" localhost"],
    ] {
      #expect(throws: Problem.self) { try policy.checkHost(uri: "/", hosts: hosts) }
    }
  }

  @Test func theTokenIsComparedWhole() throws {
    let policy = RequestPolicy(names: ["a"], port: 1, token: "0123456789abcdef")
    func request(_ field: String) throws -> Request {
      Request(method: "GET", target: try Target("/"), fields: [("authorization", field)])
    }
    try policy.check(request("Bearer 0123456789abcdef"), access: .guarded)
    try policy.check(request("bearer 0123456789abcdef"), access: .guarded)
    try policy.check(request("nothing"), access: .page)
    for field in [
      "Bearer", "Bearer ", "0123456789abcdef", "Bearer 0123456789abcde", "Bearer 0123456789abcdeg",
      "Bearer 0123456789abcdef0123456789abcdef", "Basic 0123456789abcdef",
    ] {
      #expect(throws: Problem.self) { try policy.check(request(field), access: .guarded) }
    }
  }
}
