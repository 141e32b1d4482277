import Files

/// What `vision explain` found and wrote.
struct ExplanationReport: Encodable {
  struct Prediction: Encodable {
    let label: String
    let probability: Double
  }

  struct File: Encodable {
    /// A file, or a folder of them where it ends in a slash.
    let path: String
    /// What is on it, in a line.
    let shows: String
  }

  /// The likeliest classes; none where there was no image.
  var predictions: [Prediction] = []
  /// The class that the heat map is about.
  var label: String?
  /// The layer that it was made at.
  var layer: String?
  private(set) var files: [File] = []

  private enum CodingKeys: String, CodingKey {
    case predictions, layer, files
    case label = "class"
  }

  mutating func note(_ path: FilePath, _ shows: String) {
    files.append(File(path: path.description, shows: shows))
  }

  /// For people: the predictions, then what lies where.
  var text: String {
    var parts: [String] = []
    if !predictions.isEmpty {
      parts.append(
        TextTable(
          header: ["LABEL", "PROBABILITY"],
          rows: predictions.map { [$0.label, percent($0.probability)] }
        ).plain)
    }
    parts.append(
      TextTable(header: ["FILE", "SHOWS"], rows: files.map { [$0.path, $0.shows] }).plain)
    return parts.joined(separator: "\n\n") + "\n"
  }
}
