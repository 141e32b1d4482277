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

  /// How much a word speaks for the class.
  struct Word: Encodable {
    let word: String
    let contribution: Double
  }

  /// The likeliest classes; none where there was no image.
  var predictions: [Prediction] = []
  /// The class that the heat map is about.
  var label: String?
  /// The layer that it was made at.
  var layer: String?
  /// The words of a text in their order.
  var words: [Word]?
  /// How much each step of a series speaks for the class, channel by channel.
  var channels: [[Double]]?
  /// How much each frame of a clip speaks for the class.
  var frames: [Double]?
  private(set) var files: [File] = []

  private enum CodingKeys: String, CodingKey {
    case predictions, layer, words, channels, frames, files
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
    if let contributions { parts.append(contributions.plain) }
    parts.append(
      TextTable(header: ["FILE", "SHOWS"], rows: files.map { [$0.path, $0.shows] }).plain)
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// Rows of the table below.
  private static let shownRows = 8

  /// What speaks most for the class or against it.
  private var contributions: TextTable? {
    var named: [(name: String, value: Double)] = []
    var heading = ""
    if let words {
      // Each word once, with all that its places say.
      var places: [String: Int] = [:]
      for word in words {
        if let place = places[word.word] {
          named[place].value += word.contribution
        } else {
          places[word.word] = named.count
          named.append((word.word, word.contribution))
        }
      }
      heading = "WORD"
    } else if let channels {
      named = channels.enumerated().flatMap { channel, values in
        values.enumerated().map { step, value in
          (channels.count > 1 ? "\(step), channel \(channel + 1)" : "\(step)", value)
        }
      }
      heading = "STEP"
    } else if let frames {
      named = frames.enumerated().map { ("\($0)", $1) }
      heading = "FRAME"
    }
    guard !named.isEmpty else { return nil }
    let largest = named.enumerated().sorted {
      (abs($1.element.value), $0.offset) < (abs($0.element.value), $1.offset)
    }
    return TextTable(
      header: [heading, "SPEAKS FOR \((label ?? "").uppercased())"],
      rows: largest.prefix(Self.shownRows).map {
        [printable($0.element.name), signed($0.element.value)]
      })
  }
}

/// A number with its sign and four decimals.
func signed(_ value: Double) -> String { (value < 0 ? "-" : "+") + fixed(abs(value), decimals: 4) }
