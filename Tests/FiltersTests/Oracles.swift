import Foundation
import Images

/// Results that other programs computed, by name (`Fixtures/make_*.py`).
struct Oracles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")
  static let color = PixelLayout(width: 61, height: 47, channels: 3)
  static let gray16 = PixelLayout(width: 61, height: 47, channels: 1, sample: .uint16)

  let results: [String: [Double]]

  init(_ file: String) {
    guard
      let index = try? String(
        contentsOf: Self.folder.appendingPathComponent("\(file).txt"), encoding: .utf8),
      let data = try? [UInt8](Data(contentsOf: Self.folder.appendingPathComponent("\(file).bin")))
    else {
      results = [:]
      return
    }
    var results: [String: [Double]] = [:]
    var start = 0
    for line in index.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let count = Int(fields[2]) else { continue }
      let bytes = fields[1] == "uint8" ? 1 : 2
      results[String(fields[0])] = (0..<count).map { place in
        let at = start + place * bytes
        if bytes == 1 { return Double(data[at]) }
        let word = UInt16(data[at]) | UInt16(data[at + 1]) << 8
        return fields[1] == "int16" ? Double(Int16(bitPattern: word)) : Double(word)
      }
      start += count * bytes
    }
    self.results = results
  }

  /// The image that they were given.
  static func input(_ layout: PixelLayout) throws -> Image {
    let name = layout.sample == .uint16 ? "gray16.bin" : "input.bin"
    let bytes = try [UInt8](Data(contentsOf: folder.appendingPathComponent(name)))
    var image = Image(layout: layout)
    image.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    return image
  }
}
