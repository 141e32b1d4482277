import Files
import Images

/// How often images of each class were given each label.
///
/// The rows are the true classes, the columns the given ones. The color of a cell is its share of its
/// row: blue on the diagonal (right), orange beside it (wrong; by the square root of the share, so that
/// a class mistaken once in a hundred times still shows).
public struct ConfusionMatrix: Sendable {
  public var title: String
  /// The names of the classes, in the order of rows and columns.
  public var classNames: [String]
  /// `counts[t][g]`: images of class `t` that were labeled `g`.
  public var counts: [[Int]]

  public init(title: String, classNames: [String], counts: [[Int]]) {
    self.title = title
    self.classNames = classNames
    self.counts = counts
  }

  /// The matrix as an 8-bit RGB image.
  ///
  /// Up to 12 classes each cell says its share and its count, up to 30 its share in per cent; up to
  /// 150 classes have their names at the sides.
  ///
  /// - Throws: ``FigureError/unusable(_:)`` where the counts are not a square of the classes or are
  ///   negative, ``FigureError/tooLarge(width:height:)`` for many thousands of classes.
  public func rendered() throws(FigureError) -> Image {
    guard !classNames.isEmpty else { throw .unusable("a confusion matrix of no classes") }
    guard counts.count == classNames.count, counts.allSatisfy({ $0.count == classNames.count })
    else {
      throw .unusable(
        "a confusion matrix of \(classNames.count) classes needs as many rows and columns of counts"
      )
    }
    guard counts.allSatisfy({ $0.allSatisfy { $0 >= 0 } }) else {
      throw .unusable("a confusion matrix with negative counts")
    }
    let form = Form(classes: classNames.count)
    let labelWidth = try widestLabel(form)
    let side = form.cell * Double(classNames.count)
    let margin = 24.0
    // Column names stand on end above the grid, slanted where there is room.
    let labelHeight = form.showsNames ? (form.slants ? labelWidth * 0.71 + 10 : labelWidth) + 8 : 0
    let slantRoom = form.slants ? labelWidth * 0.71 : 0
    let grid = Rectangle(
      x: margin + 20 + (form.showsNames ? labelWidth + 10 : 0), y: 84 + labelHeight, width: side,
      height: side)
    let canvas = try Canvas(
      width: max(grid.right + max(margin, slantRoom - form.cell / 2 + 8), 420),
      height: grid.bottom + margin)
    drawTitles(on: canvas, grid: grid, margin: margin, labelHeight: labelHeight)
    if form.showsNames { drawNames(on: canvas, grid: grid, form: form, labelWidth: labelWidth) }
    drawCells(on: canvas, grid: grid, form: form)
    return try canvas.image()
  }
}

extension ConfusionMatrix {
  /// What fits into a cell, by the number of classes.
  private struct Form {
    let cell: Double
    let nameStyle: TextStyle
    let showsNames: Bool
    let showsShares: Bool
    let showsCounts: Bool
    let slants: Bool

    init(classes: Int) {
      switch classes {
      case ...12: cell = 54
      case ...30: cell = 34
      case ...60: cell = 18
      case ...150: cell = 12
      default: cell = max(2, 1_600 / Double(classes))
      }
      showsNames = classes <= 150
      showsShares = classes <= 30
      showsCounts = classes <= 12
      slants = classes <= 30
      nameStyle = TextStyle(size: classes <= 12 ? 12 : classes <= 30 ? 11 : classes <= 60 ? 10 : 9)
    }
  }

  private static let longestLabel = 150.0

  private func widestLabel(_ form: Form) throws(FigureError) -> Double {
    let ruler = try Canvas(width: 1, height: 1)
    var widest = 0.0
    for name in classNames where form.showsNames {
      widest = max(widest, ruler.width(of: String(name.prefix(60)), form.nameStyle))
    }
    return min(widest, Self.longestLabel).rounded(.up)
  }

  private func drawTitles(
    on canvas: borrowing Canvas, grid: Rectangle, margin: Double, labelHeight: Double
  ) {
    let titleStyle = TextStyle(size: 15, isBold: true)
    let width = max(grid.right, 420 - margin) - margin
    canvas.text(
      canvas.truncated(title, titleStyle, width: width), x: margin, y: 32, titleStyle)
    let (correct, total) = (correctCount, imageCount)
    let summary =
      total == 0
      ? "no images"
      : "accuracy \(percent(Double(correct) / Double(total), decimals: 2)) "
        + "(\(grouped(correct)) of \(grouped(total)))"
    canvas.text(summary, x: margin, y: 52, TextStyle(size: 12, color: .faintInk))
    let axisStyle = TextStyle(size: 11, color: .faintInk)
    canvas.text("predicted class", x: grid.x, y: 76, axisStyle)
    canvas.text(
      "true class", x: margin + 8, y: grid.y + grid.height / 2, axisStyle, anchor: .middle,
      rotation: -Double.pi / 2)
  }

  private func drawNames(
    on canvas: borrowing Canvas, grid: Rectangle, form: Form, labelWidth: Double
  ) {
    for (index, name) in classNames.enumerated() {
      let middle = (Double(index) + 0.5) * form.cell
      let text = canvas.truncated(name, form.nameStyle, width: labelWidth + 1)
      canvas.text(
        text, x: grid.x - 8, y: grid.y + middle + form.nameStyle.size * 0.36, form.nameStyle,
        anchor: .end)
      canvas.text(
        text, x: grid.x + middle + (form.slants ? 0 : form.nameStyle.size * 0.36), y: grid.y - 8,
        form.nameStyle, rotation: form.slants ? -Double.pi / 4 : -Double.pi / 2)
    }
  }

  private func drawCells(on canvas: borrowing Canvas, grid: Rectangle, form: Form) {
    let gap = form.cell >= 12 ? 1.0 : 0
    for (row, line) in counts.enumerated() {
      let total = line.reduce(0.0) { $0 + Double($1) }
      for (column, count) in line.enumerated() {
        let share = total > 0 ? Double(count) / total : 0
        let cell = Rectangle(
          x: grid.x + Double(column) * form.cell, y: grid.y + Double(row) * form.cell,
          width: form.cell - gap, height: form.cell - gap)
        let color: Color =
          count == 0
          ? .panelBackground
          : row == column
            ? ColorScale.blues[0.15 + 0.7 * share]
            : ColorScale.oranges[0.08 + 0.72 * share.squareRoot()]
        canvas.fill(cell, color)
        if form.showsShares, count > 0 {
          drawText(of: count, share: share, in: cell, color: color, form: form, on: canvas)
        }
      }
    }
  }

  private func drawText(
    of count: Int, share: Double, in cell: Rectangle, color: Color, form: Form,
    on canvas: borrowing Canvas
  ) {
    let x = cell.x + cell.width / 2
    let y = cell.y + cell.height / 2
    let value = share * 100
    let text = value >= 99.95 ? "100" : fixed(value, decimals: 1)
    guard form.showsCounts else {
      canvas.text(
        text, x: x, y: y + 3.5, TextStyle(size: 10, color: color.ink), anchor: .middle)
      return
    }
    canvas.text(
      text, x: x, y: y, TextStyle(size: 13, isBold: true, color: color.ink), anchor: .middle)
    let style = TextStyle(size: 9.5, color: color.ink.mixed(with: color, 0.2))
    canvas.text(
      canvas.truncated(fixed(Double(count), decimals: 0), style, width: cell.width - 2), x: x,
      y: y + 14, style, anchor: .middle)
  }

  /// Images that were given their own class.
  private var correctCount: Int {
    counts.indices.reduce(0) { $0.addingClamped(counts[$1][$1]) }
  }

  private var imageCount: Int {
    counts.joined().reduce(0) { $0.addingClamped($1) }
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
