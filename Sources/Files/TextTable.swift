/// Rows of text in aligned columns.
package struct TextTable {
  package enum Alignment: Sendable {
    case left, right
  }

  package var header: [String]
  package var rows: [[String]]
  /// One for each column; those beyond are aligned on the left.
  package var alignments: [Alignment]

  package init(header: [String], rows: [[String]], alignments: [Alignment] = []) {
    self.header = header
    self.rows = rows
    self.alignments = alignments
  }

  /// For a terminal: the header and the rows, padded with blanks, none at the end of a line.
  package var lines: [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].columnWidth }.max() ?? 0 }
    return all.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.columnWidth)
        let isRight = column < alignments.count && alignments[column] == .right
        line += (column > 0 ? "  " : "") + (isRight ? space + cell : cell + space)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// For a terminal, in one text.
  package var plain: String { lines.joined(separator: "\n") }

  /// For a document: a Markdown table.
  package var markdown: String {
    let rule = "|" + header.map { _ in "---|" }.joined()
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }
}
