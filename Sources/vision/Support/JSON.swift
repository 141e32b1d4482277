import FoundationEssentials

/// Values as a JSON array for programs, one element a line; keys are sorted, so that the same result is
/// the same text.
func encodeJSON(_ values: [some Encodable]) throws(RunError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do {
    let elements = try values.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    return elements.isEmpty ? "[]" : "[\n" + elements.joined(separator: ",\n") + "\n]"
  } catch {
    throw .aborted("the results cannot be written as JSON: \(error)")
  }
}

/// A value as a JSON object for programs, one key a line.
func encodeJSON(object value: some Encodable) throws(RunError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
    throw .aborted("the results cannot be written as JSON: \(error)")
  }
}

/// A value as a JSON object for programs, all on one line.
func encodeJSON(line value: some Encodable) throws(RunError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
    throw .aborted("the results cannot be written as JSON: \(error)")
  }
}
