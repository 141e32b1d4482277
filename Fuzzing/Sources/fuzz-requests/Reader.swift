/// What of a request is read before anything is done for it.
enum Reader: String, CaseIterable {
  case request, form

  func read(_ bytes: [UInt8]) {
    switch self {
    case .request: readRequest(bytes)
    case .form: readForm(bytes)
    }
  }

  var seeds: [[UInt8]] {
    switch self {
    case .request:
      [
        "GET\n/api/v1/filter?gaussian=1.4&sobel&direction=x\nHost: localhost:80\nOrigin: http://localhost",
        "POST\n/%2e%2e/a\nHost: localhost\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate",
        "GET\n/?a=%C3%A4+b\nHost: [::1]:80\nAuthorization: Bearer 0123456789abcdef",
        "GET\nhttp://evil/\nHost: localhost\nHost: localhost\nOrigin: null",
      ].map { Array($0.utf8) }
    case .form:
      [
        "\u{5}--xyz\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b.png\"\r\n\r\nbytes\r\n--xyz--\r\n",
        "\u{1}--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--xy\r\n--xyz\r\n\r\n--xyz--",
      ].map { Array($0.utf8) }
    }
  }
}

private let token = "0123456789abcdef"
private let policy = RequestPolicy(names: ["localhost", "[::1]"], port: 80, token: token)
private let names = ["localhost", "localhost:80", "[::1]", "[::1]:80"]

/// A method, a target and fields, one a line: what is let through must be what the rules say.
private func readRequest(_ bytes: [UInt8]) {
  let lines = String(decoding: bytes, as: UTF8.self).split(
    separator: "\n", omittingEmptySubsequences: false
  ).map(String.init)
  guard lines.count >= 2 else { return }
  let fields = lines.dropFirst(2).map { line -> (name: String, value: String) in
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count == 2 ? parts[1].trimmingSpaces : "")
  }
  let hosts = fields.filter { $0.name.lowercased() == "host" }.map(\.value)
  guard (try? policy.checkHost(uri: lines[1], hosts: hosts)) != nil else { return }
  precondition(
    hosts.count == 1 && names.contains(hosts[0].lowercased())
      && lines[1].utf8.first == UInt8(ascii: "/"),
    "a foreign name was let through")
  guard let target = try? Target(lines[1]) else { return }
  precondition(
    target.segments.allSatisfy {
      $0 != ".." && $0 != "." && !$0.utf8.contains(UInt8(ascii: "/"))
    },
    "a path leads out")
  let request = Request(method: lines[0], target: target, fields: fields)
  for access in [RequestPolicy.Access.page, .open, .guarded] {
    guard (try? policy.check(request, access: access)) != nil else { continue }
    let origins = fields.filter { $0.name.lowercased() == "origin" }.map { $0.value.lowercased() }
    precondition(
      origins.count <= 1 && origins.allSatisfy { names.map { "http://" + $0 }.contains($0) },
      "a foreign origin was let through")
    if access == .guarded {
      precondition(
        fields.contains { $0.name.lowercased() == "authorization" && $0.value.hasSuffix(token) },
        "a request without the token was let through")
    }
  }
}

/// A form, whose first byte says how many bytes come at a time: the parts do not depend on that.
private func readForm(_ bytes: [UInt8]) {
  guard let step = bytes.first else { return }
  let body = Array(bytes.dropFirst())
  let one = parts(of: body, step: Int(step) + 1)
  let other = parts(of: body, step: body.count + 1)
  precondition(one == other, "the parts depend on how the bytes come")
}

/// Everything that a form holds; nil where it is malformed.
private func parts(of body: [UInt8], step: Int) -> [[UInt8]]? {
  var rest = body[...]
  do {
    let reader = try MultipartReader(contentType: "multipart/form-data; boundary=xyz") { target in
      let count = min(step, target.count, rest.count)
      target.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return count
    }
    var result: [[UInt8]] = []
    while let part = try reader.next() {
      result.append(Array("\(part.name)/\(part.fileName ?? "")".utf8))
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: step)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
        if count == 0 { break }
        bytes += buffer[..<count]
      }
      result.append(bytes)
    }
    return result
  } catch {
    return nil
  }
}
