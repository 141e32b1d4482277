import Files

/// A table in a text file: fields parted by commas, semicolons or tabs, in double quotes where they hold such or a
/// line's end (RFC 4180). The first row names the columns.
public struct DelimitedTable: Sendable {
  public let path: String
  public let header: [String]
  /// The rows below the header, each with a field for every column.
  public let rows: [[String]]

  /// - Throws: where the file cannot be read, is not UTF-8, or a row has another number of fields.
  public init(path: String) throws(DatasetError) {
    guard let text = String(validating: try DataFile.contents(path), as: UTF8.self) else {
      throw .corrupt(path: path, "is not UTF-8; convert it first")
    }
    try self.init(text: text, path: path)
  }

  /// - Parameter path: for errors.
  public init(text: String, path: String) throws(DatasetError) {
    self.path = path
    let text = text.withoutByteOrderMark
    let line = text.prefix { !$0.isNewline }
    let separator = [",", ";", "\t"].max { a, b in
      line.count { $0 == Character(a) } < line.count { $0 == Character(b) }
    }
    var rows = CSV.rows(String(text), separator: Character(separator ?? ",")).filter { $0 != [""] }
    guard !rows.isEmpty else { throw .corrupt(path: path, "is empty") }
    header = rows.removeFirst().map(\.trimmed)
    for (number, row) in rows.enumerated() where row.count != header.count {
      throw .corrupt(
        path: path,
        "row \(number + 2) has \(row.count) fields where the header has \(header.count)")
    }
    self.rows = rows
  }

  /// The place of a column, by its name, in whatever case.
  ///
  /// - Throws: with the names that there are.
  public func column(_ name: String) throws(DatasetError) -> Int {
    if let place = header.firstIndex(of: name) { return place }
    if let place = header.firstIndex(where: { $0.lowercased() == name.lowercased() }) {
      return place
    }
    throw .corrupt(
      path: path, "has no column \(name); it has \(header.prefix(20).joined(separator: ", "))")
  }

  /// The numbers of a column.
  ///
  /// - Throws: with the first row that holds none.
  public func numbers(_ column: Int) throws(DatasetError) -> [Double] {
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.count)
    for (number, row) in rows.enumerated() {
      guard let value = Double(row[column].trimmed), value.isFinite else {
        throw .corrupt(
          path: path,
          "row \(number + 2), column \(header[column]): \"\(row[column].prefix(20))\" is not a number; "
            + "fill or remove the row")
      }
      numbers.append(value)
    }
    return numbers
  }
}
