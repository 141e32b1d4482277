extension Kernel {
  /// Reads a kernel as it is typed or stands in a text file.
  ///
  /// Rows are separated by `;` or line ends, weights by blanks or commas; a weight is a number or a
  /// fraction: `1 0 -1; 2 0 -2; 1 0 -1`, `1/9, 1/9, 1/9`. A comma between digits is refused: half of the
  /// world would mean one number by it. Empty lines are passed over. Fractions
  /// with one denominator are kept as whole weights and a scale, so that sums stay exact.
  ///
  /// - Throws: `badKernel` naming row and column.
  public init(text: String) throws(FilterError) {
    var numerators: [[Double]] = []
    var denominators: [[Double]] = []
    for line in text.split(whereSeparator: { $0 == ";" || $0.isNewline }) {
      let text = Array(line)
      if let comma = text.indices.dropFirst().dropLast().first(where: {
        text[$0] == "," && text[$0 - 1].isWholeNumber && text[$0 + 1].isWholeNumber
      }) {
        throw .badKernel(
          "kernel row \(numerators.count + 1): \"\(String(text[comma - 1...comma + 1]))\" has a comma between digits; write a decimal point, or a blank behind the comma"
        )
      }
      let words = line.split(whereSeparator: { $0.isWhitespace || $0 == "," })
      if words.isEmpty { continue }
      var row: [Double] = []
      var below: [Double] = []
      for word in words {
        guard let fraction = Fraction(word) else {
          throw .badKernel(
            "kernel row \(numerators.count + 1), column \(row.count + 1): \"\(word.prefix(20))\" is not a number; give numbers as 1, -0.5 or 1/9"
          )
        }
        row.append(fraction.numerator)
        below.append(fraction.denominator)
      }
      numerators.append(row)
      denominators.append(below)
    }
    // One denominator for all fractions becomes the scale.
    let distinct = Set(
      zip(numerators, denominators).flatMap { zip($0, $1) }
        .filter { $0.0 != 0 }.map(\.1))
    if distinct.count == 1, let denominator = distinct.first, denominator != 1 {
      try self.init(rows: numerators, scale: 1 / denominator)
    } else {
      try self.init(rows: zip(numerators, denominators).map { zip($0, $1).map { $0 / $1 } })
    }
  }
}
