import Foundation
import Glibc

/// `vision serve` on a free port, ended with its owner.
final class RunningServer {
  let process = Process()
  let port: Int
  let address: String
  /// The server's folder for temporary files.
  let temporary: URL
  private let errors: URL

  /// - Parameter arguments: besides `--port 0`.
  init(_ work: Workspace, _ arguments: String...) throws {
    errors = work.url(".serve-\(UUID().uuidString)")
    try Data().write(to: errors)
    process.executableURL = Workspace.binary
    process.arguments = ["serve", "--port", "0"] + arguments
    process.currentDirectoryURL = work.folder
    // What is kept for a while goes where a test can see that nothing is left.
    temporary = work.url("temporary")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TMPDIR": temporary.path]) { $1 }
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      line += more
    }
    address = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    port = address.split(separator: ":").last.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }

  deinit { if process.isRunning { process.terminate() } }

  var error: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  /// Asks the server to stop, and waits for it.
  func stop() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  // MARK: - Requests

  /// What a server answered.
  struct Reply {
    let status: Int
    /// Names in lower case.
    let fields: [String: String]
    let body: Data
    /// Whether the body came to its end.
    let isWhole: Bool

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  func connect() throws -> Connection { try Connection(port: port) }

  /// A request on a connection of its own, with this server's name unless `fields` has another.
  func request(
    _ method: String, _ target: String, fields: [String] = [], body: Data? = nil
  ) throws -> Reply {
    let connection = try connect()
    try connection.send(head(method, target, fields, length: body?.count))
    if let body { try? connection.send(body) }
    return try connection.reply(hasBody: method != "HEAD")
  }

  func get(_ target: String, fields: [String] = []) throws -> Reply {
    try request("GET", target, fields: fields)
  }

  func post(_ target: String, _ body: Data, fields: [String] = []) throws -> Reply {
    try request("POST", target, fields: fields, body: body)
  }

  /// A request line and a header.
  func head(
    _ method: String, _ target: String, _ fields: [String] = [], length: Int? = nil
  ) -> String {
    var lines = ["\(method) \(target) HTTP/1.1"]
    if !fields.contains(where: { $0.lowercased().hasPrefix("host:") }) {
      lines.append("Host: 127.0.0.1:\(port)")
    }
    lines += fields
    if let length { lines.append("Content-Length: \(length)") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n"
  }

  /// Bytes as they stand, and all that comes back until the connection closes or nothing comes for a while.
  func raw(_ text: String) throws -> Reply? {
    let connection = try connect()
    try connection.send(text)
    return try? connection.reply()
  }

  /// A form with files.
  static func form(_ files: [(name: String, bytes: Data)]) -> (body: Data, field: String) {
    var body = Data()
    for (name, bytes) in files {
      body += Data(
        "--limit\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\(name)\"\r\n\r\n"
          .utf8)
      body += bytes + Data("\r\n".utf8)
    }
    return (body + Data("--limit--\r\n".utf8), "Content-Type: multipart/form-data; boundary=limit")
  }

  /// The value of a metric, by its name and labels as they stand in the line.
  func metric(_ name: String) throws -> Double? {
    try get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
      .flatMap { Double($0.dropFirst(name.count + 1)) }
  }
}

/// A TCP connection to this machine.
final class Connection {
  private let descriptor: Int32
  private var buffer = Data()

  struct Failed: Error { let errno: Int32 }

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failed(errno: errno) }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws { try send(Data(text.utf8)) }

  func send(_ data: Data) throws {
    try data.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.send(
          descriptor, bytes.baseAddress! + sent, bytes.count - sent,
          Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL)))
        guard count > 0 else { throw Failed(errno: errno) }
        sent += count
      }
    }
  }

  /// What comes next; empty at the end.
  func receive() throws -> Data {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw Failed(errno: errno) }
    return Data(bytes[..<count])
  }

  private func fill() throws -> Bool {
    let more = try receive()
    buffer += more
    return !more.isEmpty
  }

  private func take(through delimiter: String) throws -> String? {
    let pattern = Data(delimiter.utf8)
    while true {
      if let range = buffer.range(of: pattern) {
        defer { buffer = Data(buffer[range.upperBound...]) }
        return String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
      }
      guard try fill() else { return nil }
    }
  }

  private func take(_ count: Int) throws -> Data {
    while buffer.count < count { guard try fill() else { break } }
    defer { buffer = Data(buffer.dropFirst(count)) }
    return Data(buffer.prefix(count))
  }

  /// The header of the next answer; those that only say to go on are passed over.
  func head() throws -> (status: Int, fields: [String: String]) {
    while true {
      guard let head = try take(through: "\r\n\r\n") else { throw Failed(errno: ECONNRESET) }
      let lines = head.components(separatedBy: "\r\n")
      let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      if status == 100 { continue }
      var fields: [String: String] = [:]
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        fields[parts[0].lowercased()] =
          parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
      }
      return (status, fields)
    }
  }

  func reply(hasBody: Bool = true) throws -> RunningServer.Reply {
    let (status, fields) = try head()
    guard hasBody else { return .init(status: status, fields: fields, body: Data(), isWhole: true) }
    guard fields["transfer-encoding"] == "chunked" else {
      let length = fields["content-length"].flatMap { Int($0) } ?? 0
      let body = try take(length)
      return .init(status: status, fields: fields, body: body, isWhole: body.count == length)
    }
    var body = Data()
    while let line = try take(through: "\r\n"), let length = Int(line, radix: 16) {
      let chunk = try take(length)
      body += chunk
      guard chunk.count == length, try take(2).count == 2 else { break }
      if length == 0 { return .init(status: status, fields: fields, body: body, isWhole: true) }
    }
    return .init(status: status, fields: fields, body: body, isWhole: false)
  }
}
