import Files

/// How `vision classify` prints a result.
enum ClassifyFormat: Sendable {
  /// For people: columns of these widths.
  case table(pathWidth: Int, labelWidth: Int)
  /// Fields parted by commas and quoted where they must be (RFC 4180), lines ending as on Unix.
  case csv
  /// One array, at the end.
  case json

  /// What stands for a label that was not given.
  static let noLabel = "–"

  /// The line of an image; nil where results are not printed one by one.
  ///
  /// - Parameter columns: labels in a record of CSV, those that there are not left empty.
  func line(_ result: ClassifiedImage, columns: Int) -> String? {
    switch self {
    case .table(let pathWidth, let labelWidth):
      Self.row(result, pathWidth: pathWidth, labelWidth: labelWidth)
    case .csv: Self.record(result, columns: columns)
    case .json: nil
    }
  }

  // MARK: - Table

  private static func row(
    _ result: ClassifiedImage, pathWidth: Int, labelWidth: Int
  ) -> String {
    let label = padded(printable(result.label ?? noLabel), to: labelWidth)
    let share = aligned(percent(result.probability))
    var cells = [
      padded(result.path.description, to: pathWidth),
      result.label == nil ? TerminalStyle.faint(label) : TerminalStyle.bold(label),
      style(of: result)(share),
    ]
    for candidate in result.top.dropFirst() {
      cells.append(
        TerminalStyle.faint(
          padded(printable(candidate.label), to: labelWidth) + "  "
            + aligned(percent(candidate.probability))))
    }
    return cells.joined(separator: "  ")
  }

  private static func style(of result: ClassifiedImage) -> TerminalStyle {
    result.label == nil || result.probability < 0.5
      ? .faint : result.probability < 0.8 ? .yellow : .green
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// To the right of a column that holds `100.0 %`.
  private static func aligned(_ share: String) -> String {
    String(repeating: " ", count: max(0, 7 - share.count)) + share
  }

  // MARK: - CSV

  /// `path,label,probability`, and further pairs for further labels.
  static func csvHeader(top: Int) -> String {
    let further = (1..<max(top, 1)).map { "label_\($0 + 1),probability_\($0 + 1)" }
    return (["path,label,probability"] + further).joined(separator: ",") + "\n"
  }

  private static func record(_ result: ClassifiedImage, columns: Int) -> String {
    var fields = [
      result.path.exactText, result.label ?? "", "\(sixDecimals(result.probability))",
    ]
    for candidate in result.top.dropFirst() {
      fields += [candidate.label, "\(candidate.probability)"]
    }
    fields += Array(repeating: "", count: max(0, 2 * columns + 1 - fields.count))
    return fields.map(quoted).joined(separator: ",")
  }

  /// A field in quotes where it holds a comma, a quote or a line's end; quotes inside are doubled.
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
