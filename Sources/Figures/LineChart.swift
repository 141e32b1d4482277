import Images

/// A chart of one or more series over a common horizontal axis, such as the loss in training and in
/// validation over the epochs.
public struct LineChart: Sendable {
  /// How a series is drawn.
  public enum Style: Sendable {
    case solid, dashed
  }

  /// One line of the chart.
  public struct Series: Sendable {
    /// One measured value. Where `y` is not a finite number, the line has a gap.
    public struct Point: Sendable, Equatable {
      public var x: Double
      public var y: Double

      public init(x: Double, y: Double) {
        self.x = x
        self.y = y
      }
    }

    /// What the legend calls it.
    public var name: String
    /// The values from left to right.
    public var points: [Point]
    public var style: Style

    public init(_ name: String, points: [Point], style: Style = .solid) {
      self.name = name
      self.points = points
      self.style = style
    }

    /// Values at `first`, `first` + 1, …, as they come from epochs.
    public init(
      _ name: String, values: [Double], startingAt first: Int = 1, style: Style = .solid
    ) {
      let points = values.enumerated().map { Point(x: Double(first) + Double($0), y: $1) }
      self.init(name, points: points, style: style)
    }
  }

  public var title: String
  /// What the horizontal axis counts, such as "epoch".
  public var xLabel: String
  /// What the vertical axis measures, with its unit; none is written where it is empty.
  public var yLabel: String
  public var series: [Series]
  /// Whether the vertical axis is logarithmic; values that are not positive are gaps then.
  public var isLogarithmic: Bool

  public init(
    title: String, xLabel: String, yLabel: String = "", series: [Series],
    isLogarithmic: Bool = false
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.isLogarithmic = isLogarithmic
  }

  /// The chart as an 8-bit RGB image of 2 × `width` by 2 × `height` pixels (drawn for fine screens).
  public func rendered(width: Int = 760, height: Int = 420) throws(FigureError) -> Image {
    try Self.rendered([self], width: width, height: height)
  }

  /// Several charts below each other, each `width` × `height` units of 2 × 2 pixels.
  public static func rendered(
    _ charts: [LineChart], width: Int = 760, height: Int = 420
  ) throws(FigureError) -> Image {
    guard !charts.isEmpty else { throw .unusable("there is no chart to draw") }
    guard width >= 240, height >= 180 else {
      throw .unusable("a chart of \(width)×\(height) is too small; at least 240×180")
    }
    let canvas = try Canvas(
      width: Double(width), height: Double(height) * Double(charts.count))
    for (index, chart) in charts.enumerated() {
      chart.draw(
        on: canvas,
        in: Rectangle(
          x: 0, y: Double(index) * Double(height), width: Double(width), height: Double(height)))
    }
    return try canvas.image()
  }
}

// MARK: - Drawing

extension LineChart {
  private static let titleStyle = TextStyle(size: 15, isBold: true)
  private static let legendStyle = TextStyle(size: 12)
  private static let tickStyle = TextStyle(size: 11, color: .faintInk)
  private static let margin = 22.0

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let margin = Self.margin
    let inner = frame.width - 2 * margin
    canvas.text(
      canvas.truncated(title, Self.titleStyle, width: inner), x: frame.x + margin, y: frame.y + 30,
      Self.titleStyle)
    var top = drawLegend(on: canvas, x: frame.x + margin, y: frame.y + 52, width: inner)
    if !yLabel.isEmpty {
      canvas.text(
        canvas.truncated(yLabel, Self.tickStyle, width: inner), x: frame.x + margin,
        y: top + 8, Self.tickStyle)
      top += 14
    }

    let points = series.flatMap(\.points).filter { point in
      Axis.hasPlace(for: point.x, logarithmic: false)
        && Axis.hasPlace(for: point.y, logarithmic: isLogarithmic)
    }
    let areaTop = top + 8
    let areaHeight = max(frame.bottom - 54 - areaTop, 20)
    let vertical = Axis(
      covering: points.map(\.y), logarithmic: isLogarithmic, endsAtTicks: true,
      count: min(max(Int(areaHeight / 40), 2), 6))
    let horizontal = Axis(
      covering: points.map(\.x), endsAtTicks: false,
      wholeNumbers: points.allSatisfy { $0.x == $0.x.rounded() }, count: 8)
    let labelWidth = vertical.ticks.map { canvas.width(of: $0.label, Self.tickStyle) }.max() ?? 0
    let left = frame.x + margin + labelWidth + 8
    let area = Rectangle(
      x: left, y: areaTop, width: frame.right - margin - left, height: areaHeight)

    drawGrid(on: canvas, in: area, horizontal: horizontal, vertical: vertical)
    if points.isEmpty {
      canvas.text(
        "no values yet", x: area.x + area.width / 2, y: area.y + area.height / 2,
        TextStyle(size: 13, color: .faintInk), anchor: .middle)
    }
    canvas.text(
      canvas.truncated(xLabel, Self.tickStyle, width: area.width),
      x: area.x + area.width / 2, y: area.bottom + 38, Self.tickStyle, anchor: .middle)
    for (index, series) in series.enumerated() {
      drawLine(
        of: series, Self.color(index), dashes: Self.dashes(series.style, index), on: canvas,
        in: area, horizontal: horizontal,
        vertical: vertical)
    }
  }

  private static func color(_ index: Int) -> Color { Color.series[index % Color.series.count] }

  /// Writes the names of the series in lines as long as fit; returns the place below.
  private func drawLegend(
    on canvas: borrowing Canvas, x: Double, y: Double, width: Double
  ) -> Double {
    let sample = 22.0
    var (left, base) = (x, y)
    for (index, series) in series.enumerated() {
      let name = canvas.truncated(series.name, Self.legendStyle, width: width - sample - 8)
      let needed = sample + 6 + canvas.width(of: name, Self.legendStyle)
      if left > x, left + needed > x + width {
        left = x
        base += 18
      }
      canvas.polyline(
        [(left, base - 4), (left + sample, base - 4)], Self.color(index), lineWidth: 2.2,
        dashes: Self.dashes(series.style, index))
      canvas.text(name, x: left + sample + 6, y: base, Self.legendStyle)
      left += needed + 20
    }
    return series.isEmpty ? y - 14 : base + 10
  }

  /// Colors come round again after so many series; the lines of the second round are dotted.
  private static func dashes(_ style: Style, _ index: Int) -> [Double] {
    if index >= Color.series.count { return [1.5, 2] }
    return switch style {
    case .solid: []
    case .dashed: [5, 3]
    }
  }

  private func drawGrid(
    on canvas: borrowing Canvas, in area: Rectangle, horizontal: Axis, vertical: Axis
  ) {
    for tick in vertical.ticks {
      let y = area.bottom - vertical.position(of: tick.value) * area.height
      canvas.line(from: (area.x, y), to: (area.right, y), .rule)
      canvas.text(tick.label, x: area.x - 8, y: y + 4, Self.tickStyle, anchor: .end)
    }
    canvas.line(from: (area.x, area.bottom), to: (area.right, area.bottom), .axis)
    // Labels that would touch each other are left out, evenly.
    let widest = horizontal.ticks.map { canvas.width(of: $0.label, Self.tickStyle) }.max() ?? 0
    let room = area.width / Double(max(horizontal.ticks.count, 1))
    let apart = max(1, Int(((widest + 10) / room).rounded(.up)))
    for (index, tick) in horizontal.ticks.enumerated() {
      let x = area.x + horizontal.position(of: tick.value) * area.width
      canvas.line(from: (x, area.bottom), to: (x, area.bottom + 4), .axis)
      guard index % apart == 0 else { continue }
      canvas.text(tick.label, x: x, y: area.bottom + 18, Self.tickStyle, anchor: .middle)
    }
  }

  private func drawLine(
    of series: Series, _ color: Color, dashes: [Double], on canvas: borrowing Canvas,
    in area: Rectangle, horizontal: Axis, vertical: Axis
  ) {
    var run: [(x: Double, y: Double)] = []
    func finishRun() {
      if run.count == 1 {
        canvas.dot(at: run[0], radius: 3, color)
      } else {
        canvas.polyline(Self.thinned(run), color, lineWidth: 2, dashes: dashes)
      }
      run.removeAll(keepingCapacity: true)
    }
    for point in series.points {
      guard Axis.hasPlace(for: point.x, logarithmic: false),
        Axis.hasPlace(for: point.y, logarithmic: isLogarithmic)
      else {
        finishRun()
        continue
      }
      run.append(
        (
          area.x + horizontal.position(of: point.x) * area.width,
          area.bottom - vertical.position(of: point.y) * area.height
        ))
    }
    finishRun()
  }

  /// Keeps the first, lowest, highest and last point of each half unit of width: as many as can be
  /// seen, however many steps a log has.
  static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > 2_000 else { return points }
    var kept: [(x: Double, y: Double)] = []
    var start = 0
    while start < points.count {
      let column = (points[start].x * 2).rounded(.down)
      var (end, lowest, highest) = (start, start, start)
      while end + 1 < points.count, (points[end + 1].x * 2).rounded(.down) == column {
        end += 1
        if points[end].y < points[lowest].y { lowest = end }
        if points[end].y > points[highest].y { highest = end }
      }
      for index in Set([start, lowest, highest, end]).sorted() { kept.append(points[index]) }
      start = end + 1
    }
    return kept
  }
}
