import FoundationEssentials

/// Values as JSON texts: keys in order, so that the same value gives the same bytes.
package enum JSONText {
  package static func encode(_ value: some Encodable) throws(ModelFileError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .unwritable("the description cannot be written as JSON: \(error)")
    }
  }

  package static func decode<Value: Decodable>(
    _ type: Value.Type, from text: String, called name: String
  ) throws(ModelFileError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(type, from: Data(text.utf8))
    } catch DecodingError.keyNotFound(let key, _) {
      throw .incomplete("the \(name) lacks \"\(key.stringValue)\"")
    } catch {
      throw .incomplete("the \(name) cannot be read")
    }
  }
}
