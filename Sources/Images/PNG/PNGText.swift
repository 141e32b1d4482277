import Files

/// A text of a PNG: tEXt, zTXt or iTXt (PNG Specification, third edition, 11.3.3).
struct PNGText {
  let keyword: String
  /// The text as it is stored, decompressed: Latin-1, of iTXt UTF-8.
  let bytes: [UInt8]
  private let isUTF8: Bool

  /// What precedes the kind of a block that is written as hexadecimal digits.
  static let rawProfile = "Raw profile type "

  /// Nil for damaged chunks and for texts of more bytes than `limit`.
  init?(_ type: String, _ data: [UInt8], limit: Int) {
    guard let zero = data.firstIndex(of: 0), (1...79).contains(zero) else { return nil }
    keyword = Self.latin1(data[..<zero])
    isUTF8 = type == "iTXt"
    var rest = data[(zero + 1)...]
    var isCompressed = type == "zTXt"
    if isUTF8 {
      guard rest.count >= 2, let flag = rest.popFirst(), let method = rest.popFirst(), method == 0
      else { return nil }
      isCompressed = flag == 1
      // The language and the keyword in it.
      for _ in 0..<2 {
        guard let end = rest.firstIndex(of: 0) else { return nil }
        rest = rest[(end + 1)...]
      }
    } else if isCompressed {
      guard rest.popFirst() == 0 else { return nil }
    }
    guard isCompressed else {
      guard rest.count <= limit else { return nil }
      bytes = Array(rest)
      return
    }
    guard limit > 0, let inflated = inflate(Array(rest), limit: limit) else { return nil }
    bytes = inflated
  }

  var string: String { isUTF8 ? String(decoding: bytes, as: UTF8.self) : Self.latin1(bytes[...]) }

  /// A line feed, the kind, a line feed, the count, and two digits for each byte.
  var rawProfileBytes: [UInt8]? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard lines.count >= 2,
      let count = Int(String(decoding: lines[1].filter { $0 != UInt8(ascii: " ") }, as: UTF8.self))
    else { return nil }
    var result: [UInt8] = []
    var high: UInt8?
    for digit in lines[2...].joined() {
      guard let value = Self.digit(digit) else { continue }
      if let first = high {
        result.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return result.count == count ? result : nil
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
    String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// The chunk of a text: tEXt where Latin-1 holds it, otherwise iTXt. Nil where the keyword is none of PNG's.
  static func chunk(_ entry: TextEntry) -> (type: String, data: [UInt8])? {
    guard let keyword = latin1Bytes(entry.keyword), (1...79).contains(keyword.count),
      !keyword.contains(0)
    else { return nil }
    let text = entry.text.replacing("\0", with: "")
    if let bytes = latin1Bytes(text) { return ("tEXt", keyword + [0] + bytes) }
    return ("iTXt", keyword + [0, 0, 0, 0, 0] + Array(text.utf8))
  }

  /// The chunk of an XMP packet.
  static func chunk(xmp packet: [UInt8]) -> (type: String, data: [UInt8]) {
    ("iTXt", Array(XMP.keyword.utf8) + [0, 0, 0, 0, 0] + packet)
  }

  private static func latin1Bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
