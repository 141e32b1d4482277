import Files
import Inference

/// How `vision classify` prints a result.
enum ClassifyFormat: Sendable {
  /// For people: columns of these widths.
  case table(pathWidth: Int, answerWidth: Int)
  /// Fields parted by commas and quoted where they must be (RFC 4180), lines ending as on Unix.
  case csv
  /// One array, at the end.
  case json

  /// The line of an image; nil where results are not printed one by one.
  ///
  /// - Parameter columns: labels in a record of CSV, those that there are not left empty.
  func line(_ result: ClassifiedImage, columns: Int) -> String? {
    switch self {
    case .table(let pathWidth, let answerWidth):
      Self.row(result, pathWidth: pathWidth, answerWidth: answerWidth)
    case .csv: Self.record(result, columns: columns)
    case .json: nil
    }
  }

  // MARK: - Table

  /// The answer and, in parentheses, further labels: `dog   91.0 %  (golden retriever 48.0 %)`.
  private static func row(
    _ result: ClassifiedImage, pathWidth: Int, answerWidth: Int
  ) -> String {
    let answer = padded(printable(result.answer.name), to: answerWidth)
    let share = aligned(percent(result.answer.probability))
    var cells = [
      padded(result.path.description, to: pathWidth),
      result.answer.isUnknown ? TerminalStyle.faint(answer) : TerminalStyle.bold(answer),
      style(of: result.answer)(share),
    ]
    let others = result.others.map { "\(printable($0.label)) \(percent($0.probability))" }
    if !others.isEmpty {
      cells.append(TerminalStyle.faint("(\(others.joined(separator: ", ")))"))
    }
    return cells.joined(separator: "  ")
  }

  private static func style(of answer: Answer) -> TerminalStyle {
    answer.isUnknown || answer.probability < 0.5
      ? .faint : answer.probability < 0.8 ? .yellow : .green
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.columnWidth))
  }

  /// To the right of a column that holds `100.0 %`.
  private static func aligned(_ share: String) -> String {
    String(repeating: " ", count: max(0, 7 - share.count)) + share
  }

  // MARK: - CSV

  private static let columns = [
    "path", "label", "probability", "group", "group_probability", "answer", "answer_probability",
  ]

  /// The names of the columns, and further pairs for further labels.
  static func csvHeader(top: Int) -> String {
    let further = (1..<max(top, 1)).map { "label_\($0 + 1),probability_\($0 + 1)" }
    return (columns + further).joined(separator: ",") + "\n"
  }

  private static func record(_ result: ClassifiedImage, columns count: Int) -> String {
    func pair(_ name: String, _ probability: Double) -> [String] {
      [name, "\(sixDecimals(probability))"]
    }
    let (best, group) = (result.classification.best, result.classification.group)
    var fields = [result.path.exactText] + pair(best.label, best.probability)
    fields += group.map { pair($0.label, $0.probability) } ?? ["", ""]
    fields += pair(result.answer.name, result.answer.probability)
    for candidate in result.top.dropFirst() {
      fields += pair(candidate.label, candidate.probability)
    }
    let missing = columns.count + 2 * (count - 1) - fields.count
    fields += Array(repeating: "", count: max(0, missing))
    return fields.map(csvField).joined(separator: ",")
  }
}

/// A field of CSV: in quotes where it holds a comma, a quote or a line's end; quotes inside are doubled.
func csvField(_ field: String) -> String {
  guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
  return "\"" + field.replacing("\"", with: "\"\"") + "\""
}
