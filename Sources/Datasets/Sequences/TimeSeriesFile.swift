/// A `.ts` file of the UCR and UEA archives: series of one or several dimensions and the class of each.
///
/// Lines that begin with `#` are comments, those with `@` say what follows; below `@data` each line is a series, its
/// dimensions parted by colons, their numbers by commas, the class behind the last colon.
enum TimeSeriesFile {
  /// Whether a file begins as such.
  static func isFile(_ path: String) -> Bool {
    guard let bytes = try? DataFile.beginning(path, count: 1 << 16) else { return false }
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      if line.hasPrefix("#") { continue }
      let word = line.lowercased()
      return ["@problemname", "@timestamps", "@classlabel", "@data", "@univariate", "@missing"]
        .contains { word.hasPrefix($0) }
    }
    return false
  }

  static func read(_ path: String) throws(DatasetError) -> LabeledExamples<FeatureSequence> {
    guard let lines = try DataFile.lines(path) else { throw .corrupt(path: path, "is not there") }
    var classNames: [String] = []
    var isData = false
    var (labels, names, elements): ([Int], [String], [FeatureSequence]) = ([], [], [])
    for line in lines where !line.hasPrefix("#") {
      func refused(_ problem: String) -> DatasetError {
        .corrupt(path: path, "series \(labels.count + 1): \(problem)")
      }
      guard isData else {
        let words = line.split(whereSeparator: \.isWhitespace)
        switch words.first?.lowercased() {
        case "@classlabel": classNames = words.dropFirst(2).map(String.init)
        case "@timestamps":
          if words.dropFirst().first == "true" {
            throw .corrupt(path: path, "has time stamps, which are not read")
          }
        case "@data":
          isData = true
          guard !classNames.isEmpty else {
            throw .corrupt(path: path, "names no classes (@classLabel true …)")
          }
        default: break
        }
        continue
      }
      var parts = line.split(separator: ":", omittingEmptySubsequences: false)
      let label = parts.popLast().map(String.init) ?? ""
      guard let place = classNames.firstIndex(of: label) else {
        throw refused("its class \(label.prefix(20)) is not among those that the file names")
      }
      guard !parts.isEmpty else { throw refused("holds no numbers") }
      var values: [Float] = []
      var steps: Int?
      for part in parts {
        let row = part.split(separator: ",", omittingEmptySubsequences: false)
        guard steps == nil || steps == row.count else {
          throw refused("its dimensions have \(steps ?? 0) and \(row.count) steps")
        }
        steps = row.count
        for text in row {
          guard let value = Float(text), value.isFinite else {
            throw refused("\"\(text.prefix(20))\" is not a number; fill gaps first")
          }
          values.append(value)
        }
      }
      if let first = elements.first, first.features != parts.count {
        throw refused("has \(parts.count) dimensions, the first one \(first.features)")
      }
      labels.append(place)
      names.append("\(path), series \(labels.count)")
      elements.append(FeatureSequence(features: parts.count, values: values))
    }
    guard !elements.isEmpty else { throw .corrupt(path: path, "holds no series") }
    return LabeledExamples(
      classNames: classNames, labels: labels, names: names, elements: elements)
  }
}
