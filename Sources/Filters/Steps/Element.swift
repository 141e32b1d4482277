/// A structuring element: the pixels around a pixel that a morphological operation looks at, as runs
/// of neighbors in a row.
struct Element: Sendable, Equatable {
  /// Pixels of a row that stand side by side.
  struct Run: Sendable, Equatable {
    /// The row and the first column, from the element's anchor.
    let row, column: Int
    let length: Int
  }

  /// From top to bottom.
  let runs: [Run]

  /// - Parameter rows: which pixels belong to it; the anchor is at half its width and height.
  /// - Throws: when no pixel belongs to it, or its rows differ in length.
  init(_ rows: [[Bool]]) throws(FilterError) {
    guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else {
      throw .badArgument("the element's rows differ in length; give every row the same number")
    }
    guard rows.count <= Self.largestSide, width <= Self.largestSide else {
      throw .badArgument(
        "the element of \(width) × \(rows.count) is too large; give at most \(Self.largestSide) in both directions"
      )
    }
    var runs: [Run] = []
    for (y, row) in rows.enumerated() {
      var x = 0
      while x < width {
        let start = x
        while x < width, row[x] { x += 1 }
        if x > start {
          runs.append(
            Run(row: y - rows.count / 2, column: start - width / 2, length: x - start))
        }
        while x < width, !row[x] { x += 1 }
      }
    }
    guard !runs.isEmpty else {
      throw .badArgument("the element has no pixels; give some that are not 0")
    }
    self.init(runs: runs)
  }

  private init(runs: [Run]) { self.runs = runs }

  /// The element turned by half around its anchor.
  var reflected: Element {
    Element(
      runs: runs.reversed().map { run in
        Run(row: -run.row, column: 1 - run.column - run.length, length: run.length)
      })
  }

  /// What of it can lie in an image of this size, wherever the anchor is.
  func clipped(width: Int, height: Int) -> Element {
    Element(
      runs: runs.compactMap { run in
        let first = max(run.column, 1 - width)
        let end = min(run.column + run.length, width)
        guard run.row.magnitude < height, first < end else { return nil }
        return Run(row: run.row, column: first, length: end - first)
      })
  }

  /// Whether it is a run of the same columns in rows one behind the other.
  var isRectangle: Bool {
    zip(runs, runs.dropFirst()).allSatisfy {
      $1.row == $0.row + 1 && $1.column == $0.column && $1.length == $0.length
    }
  }

  /// Rows and columns that it reaches to, from the anchor.
  var rows: ClosedRange<Int> { extent { $0.row...$0.row } }
  var columns: ClosedRange<Int> { extent { $0.column...$0.column + $0.length - 1 } }

  private func extent(_ range: (Run) -> ClosedRange<Int>) -> ClosedRange<Int> {
    runs.map(range).reduce(nil as ClosedRange<Int>?) { all, range in
      guard let all else { return range }
      return min(all.lowerBound, range.lowerBound)...max(all.upperBound, range.upperBound)
    } ?? 0...0
  }

  static let largestSide = 1023
}

/// The shapes that have a name.
enum ElementShape: String, CaseIterable {
  case rect
  case cross
  case ellipse

  /// The shape within a rectangle, as OpenCV's `getStructuringElement` draws it.
  func element(width: Int, height: Int) throws(FilterError) -> Element {
    let (middleX, middleY) = (width / 2, height / 2)
    return try Element(
      (0..<height).map { y in
        let reach: ClosedRange<Int>
        switch self {
        case .rect: reach = 0...width - 1
        case .cross: reach = y == middleY ? 0...width - 1 : middleX...middleX
        case .ellipse:
          let dy = y - middleY
          let square = middleY * middleY
          let share = middleY > 0 ? Double(square - dy * dy) * (1 / Double(square)) : 0
          let half = Int((Double(middleX) * max(0, share).squareRoot()).rounded(.toNearestOrEven))
          reach = max(0, middleX - half)...max(0, min(width - 1, middleX + half))
        }
        return (0..<width).map { reach.contains($0) }
      })
  }
}
