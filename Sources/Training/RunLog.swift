import Glibc

/// A training's log: named columns of numbers, one row an epoch.
///
/// What it holds depends on data, configuration and seed alone (never on the clock), so that a
/// resumed training writes the same bytes as an unbroken one.
package struct RunLog: Sendable, Hashable, Codable {
  /// What the columns are called, e.g. `validation_accuracy`.
  package let columns: [String]
  /// One value a column; nil where there is none (no validation images, say).
  package private(set) var rows: [[Double?]] = []

  package init(columns: [String]) {
    self.columns = columns
  }

  /// Adds a row: a value for each column that has one.
  package mutating func append(_ values: [String: Double]) {
    rows.append(columns.map { values[$0] })
  }

  /// The values of a column, from the first row to the last.
  package func column(_ name: String) -> [Double?] {
    guard let index = columns.firstIndex(of: name) else { return [] }
    return rows.map { $0[index] }
  }

  /// RFC 4180, with a header line; numbers with six significant digits.
  package var csv: String {
    ([columns] + rows.map { $0.map { $0.map(Self.text) ?? "" } })
      .map { $0.joined(separator: ",") + "\n" }.joined()
  }

  /// A row as a JSON object on one line, with more members at its end.
  package func jsonLine(row: Int, adding extra: [(name: String, value: Double)] = []) -> String {
    let cells = zip(columns, rows[row]).map { ($0, $1) } + extra.map { ($0.name, $0.value) }
    let members = cells.map { name, value in "\"\(name)\": \(value.map(Self.text) ?? "null")" }
    return "{\(members.joined(separator: ", "))}"
  }

  /// Six significant digits, whole numbers without a point.
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    let scale = pow(10, 5 - floor(log10(abs(value))))
    let rounded = (value * scale).rounded() / scale
    // Below about 1e-300 the scale overflows; such a number is shown as it is.
    return "\(rounded.isFinite ? rounded : value)"
  }
}
