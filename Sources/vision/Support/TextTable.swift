/// Rows of text in aligned columns.
struct TextTable {
  var header: [String]
  var rows: [[String]]

  /// For a terminal: columns padded with blanks.
  var plain: String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ")
      return String(padded.reversed().drop { $0 == " " }.reversed())
    }
    return ([header] + rows).map(line).joined(separator: "\n")
  }

  /// For a document: a Markdown table.
  var markdown: String {
    let rule = "|" + header.map { _ in "---|" }.joined()
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }
}
