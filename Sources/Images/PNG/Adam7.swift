/// One of the seven passes of an interlaced PNG (PNG 8.2): every `columnStep`-th pixel of every
/// `rowStep`-th row, from the first of each.
struct Adam7Pass {
  let firstColumn: Int
  let firstRow: Int
  let columnStep: Int
  let rowStep: Int

  static let all = [
    Adam7Pass(firstColumn: 0, firstRow: 0, columnStep: 8, rowStep: 8),
    Adam7Pass(firstColumn: 4, firstRow: 0, columnStep: 8, rowStep: 8),
    Adam7Pass(firstColumn: 0, firstRow: 4, columnStep: 4, rowStep: 8),
    Adam7Pass(firstColumn: 2, firstRow: 0, columnStep: 4, rowStep: 4),
    Adam7Pass(firstColumn: 0, firstRow: 2, columnStep: 2, rowStep: 4),
    Adam7Pass(firstColumn: 1, firstRow: 0, columnStep: 2, rowStep: 2),
    Adam7Pass(firstColumn: 0, firstRow: 1, columnStep: 1, rowStep: 2),
  ]

  /// Pixels of the pass in a row of `width`.
  func columns(of width: Int) -> Int {
    width <= firstColumn ? 0 : (width - firstColumn + columnStep - 1) / columnStep
  }

  /// Rows of the pass in an image of `height`.
  func rows(of height: Int) -> Int {
    height <= firstRow ? 0 : (height - firstRow + rowStep - 1) / rowStep
  }
}
