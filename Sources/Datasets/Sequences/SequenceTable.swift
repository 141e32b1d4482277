/// Texts or series in a table (CSV, TSV), a row each, with a column that names the class.
enum SequenceTable {
  /// What columns of classes are called.
  static let classColumns = ["class", "label", "sentiment", "category", "target"]
  /// What columns of texts are called.
  static let textColumns = ["text", "review", "sentence", "message", "content"]

  /// The column of a name, or one of the usual names.
  private static func column(
    _ name: String?, usual: [String], _ table: DelimitedTable
  ) throws(DatasetError) -> Int? {
    if let name { return try table.column(name) }
    return table.header.firstIndex { usual.contains($0.lowercased()) }
  }

  /// Texts, where the table has a column of such, or series.
  ///
  /// - Parameters:
  ///   - text: the column of texts; nil for one of the usual names.
  ///   - label: the column of classes; nil for one of the usual names.
  /// - Returns: nil where the table has no column of classes.
  static func read(
    _ table: DelimitedTable, text: String?, label: String?
  ) throws(DatasetError) -> SequenceSplits.Content? {
    guard let labelColumn = try column(label, usual: classColumns, table) else { return nil }
    let textColumn = try column(text, usual: textColumns, table)
    let classes = table.rows.map { $0[labelColumn] }
    let classNames = ImageFolder.sorted(Set(classes)) { $0 }
    let places = Dictionary(zip(classNames, 0...), uniquingKeysWith: { first, _ in first })
    let labels = classes.map { places[$0] ?? 0 }
    let names = table.rows.indices.map { "\(table.path), row \($0 + 2)" }
    if let textColumn {
      return .texts(
        LabeledExamples(
          classNames: classNames, labels: labels, names: names,
          elements: table.rows.map { $0[textColumn] }))
    }
    let columns = table.header.indices.filter { $0 != labelColumn }
    guard columns.count >= 3 else { return nil }
    var series: [FeatureSequence] = []
    for (place, row) in table.rows.enumerated() {
      // A shorter series leaves its last columns empty.
      let end = columns.lastIndex { !row[$0].isEmpty }.map { $0 + 1 } ?? 0
      let values = columns[..<end].map { Float(row[$0]) }
      guard end > 0, values.allSatisfy({ $0?.isFinite ?? false }) else {
        throw .corrupt(
          path: names[place], "holds something that is not a number, or a gap; fill gaps first")
      }
      series.append(FeatureSequence(features: 1, values: values.compactMap(\.self)))
    }
    return .series(
      LabeledExamples(classNames: classNames, labels: labels, names: names, elements: series))
  }
}
