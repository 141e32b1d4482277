import Files
import FoundationEssentials

extension Kernel {
  /// What a kernel file (JSON) holds: `{"kernel": [[…], …], "scale": 1, "bias": 0}`.
  private struct File: Codable {
    var kernel: [[Double]]
    var scale: Double?
    var bias: Double?
  }

  /// Reads the contents of a kernel file: JSON as ``json`` gives it, or text as ``init(text:)``
  /// takes it; a byte order mark before it is passed over.
  ///
  /// - Throws: `badKernel` saying where and why.
  public init(file contents: [UInt8]) throws(FilterError) {
    let contents = Array(contents.withoutByteOrderMark)
    let first = contents.first { !UInt8.isBlank($0) }
    guard first == UInt8(ascii: "{") else {
      guard let text = String(validating: contents, as: UTF8.self) else {
        throw .badKernel("the kernel file is neither text nor JSON")
      }
      try self.init(text: text)
      return
    }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(contents))
    } catch {
      throw .badKernel(
        "the kernel file is not JSON of the form {\"kernel\": [[1, 0, -1], …], \"bias\": 0}")
    }
    try self.init(rows: file.kernel, scale: file.scale ?? 1, bias: file.bias ?? 0)
  }

  /// The kernel as a JSON file, its scale multiplied into the weights.
  public var json: String {
    let rows = rows.map { row in
      "[" + row.map { "\($0 * scale)" }.joined(separator: ", ") + "]"
    }
    return "{\n  \"kernel\": [\n    " + rows.joined(separator: ",\n    ")
      + "\n  ],\n  \"bias\": \(bias)\n}\n"
  }
}

extension UInt8 {
  fileprivate static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }
}
