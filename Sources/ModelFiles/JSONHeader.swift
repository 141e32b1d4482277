/// A JSON value, its objects with their members in order.
///
/// Read by a parser of our own because a safetensors header must not name a tensor twice, which
/// general decoders do not tell, and because it is read at every start of the command.
indirect enum JSONHeader {
  case object([(key: String, value: JSONHeader)])
  case array([JSONHeader])
  case string(String)
  /// As written.
  case number(String)
  /// `true`, `false` or `null`.
  case literal(String)

  init(parsing bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    var parser = Parser(bytes: bytes)
    self = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("more than one value") }
  }

  private struct Parser {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func error(_ what: String) -> ModelFileError {
      .corrupt("\(what) at byte \(position) of the header")
    }

    mutating func skipSpace() {
      while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        position += 1
      }
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard peek() == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) throws(ModelFileError) -> JSONHeader {
      guard depth < 32 else { throw error("values nested too deep") }
      if take("{") { return .object(try members(depth: depth + 1)) }
      if take("[") { return .array(try elements(depth: depth + 1)) }
      if take("\"") { return .string(try string()) }
      let start = position
      while let byte = peek(), !" ,:[]{}\"\t\r\n".utf8.contains(byte) { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) {
        return .number(text)
      }
      guard ["true", "false", "null"].contains(text) else { throw error("no value") }
      return .literal(text)
    }

    private mutating func members(
      depth: Int
    ) throws(ModelFileError) -> [(key: String, value: JSONHeader)] {
      var members: [(key: String, value: JSONHeader)] = []
      var keys: Set<String> = []
      if take("}") { return members }
      repeat {
        guard take("\"") else { throw error("no name") }
        let key = try string()
        guard keys.insert(key).inserted else { throw error("the name \"\(key)\" twice") }
        guard take(":") else { throw error("no colon") }
        members.append((key, try value(depth: depth)))
      } while take(",")
      guard take("}") else { throw error("an object that does not end") }
      return members
    }

    private mutating func elements(depth: Int) throws(ModelFileError) -> [JSONHeader] {
      var elements: [JSONHeader] = []
      if take("]") { return elements }
      repeat { elements.append(try value(depth: depth)) } while take(",")
      guard take("]") else { throw error("an array that does not end") }
      return elements
    }

    /// The rest of a string whose opening quote was taken.
    private mutating func string() throws(ModelFileError) -> String {
      var text: [UInt8] = []
      while let byte = peek() {
        position += 1
        switch byte {
        case UInt8(ascii: "\""):
          guard let string = String(validating: text, as: UTF8.self) else {
            throw error("text that is not UTF-8")
          }
          return string
        case UInt8(ascii: "\\"):
          text.append(contentsOf: String(try escape()).utf8)
        case 0..<0x20: throw error("a control character in text")
        default: text.append(byte)
        }
      }
      throw error("text that does not end")
    }

    private mutating func escape() throws(ModelFileError) -> Character {
      guard let byte = peek() else { throw error("text that does not end") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return "\""
      case UInt8(ascii: "\\"): return "\\"
      case UInt8(ascii: "/"): return "/"
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{C}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"):
        var code = try codeUnit()
        if (0xD800..<0xDC00).contains(code) {
          guard take("\\"), take("u") else { throw error("half a surrogate pair") }
          let low = try codeUnit()
          guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
        return Character(scalar)
      default: throw error("an unknown escape")
      }
    }

    private mutating func codeUnit() throws(ModelFileError) -> UInt32 {
      guard position + 4 <= bytes.count,
        let code = UInt32(
          String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
      else { throw error("an unknown escape") }
      position += 4
      return code
    }
  }

  /// A text as JSON, in quotes.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
