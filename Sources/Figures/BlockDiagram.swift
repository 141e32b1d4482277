import Images

/// Boxes from top to bottom with arrows between them, side by side where a flow branches: how a network
/// is built, or anything that goes through steps. A long flow goes on in further columns.
public struct BlockDiagram: Sendable {
  /// A piece of the flow.
  public indirect enum Part: Sendable, Hashable {
    /// One step: what it does, and below it what comes out. Boxes of one group have one color.
    case box(title: String, detail: String, group: Int)
    /// Flows that all begin with the same input and end in a joint; an empty one passes the input on.
    case branches([[Part]], joint: String)
    /// A flow that is passed several times.
    case repeated([Part], times: Int)
  }

  public var title: String
  public var parts: [Part]

  public init(title: String, parts: [Part]) {
    self.title = title
    self.parts = parts
  }

  /// The diagram as an 8-bit RGB image, 2 × 2 pixels a unit.
  public func rendered() throws(FigureError) -> Image {
    let columns = columns()
    let widths = columns.map { $0.map { Self.size(of: $0).width }.max() ?? 0 }
    let heights = columns.map { Self.height(of: $0) + 2 * Self.arrow }
    let width = widths.reduce(0, +) + Double(columns.count + 1) * Self.margin
    let canvas = try Canvas(
      width: max(width, 240), height: Self.top + (heights.max() ?? 0) + Self.margin)
    canvas.text(
      canvas.truncated(title, Self.titleStyle, width: max(width, 240) - 2 * Self.margin),
      x: Self.margin, y: 32, Self.titleStyle)
    var x = Self.margin
    for (index, column) in columns.enumerated() {
      let center = x + widths[index] / 2
      var y = Self.top
      if index > 0 { Self.drawArrow(on: canvas, x: center, from: y, to: y + Self.arrow) }
      y = Self.draw(column, on: canvas, x: center, y: y + Self.arrow)
      if index < columns.count - 1 {
        Self.drawArrow(on: canvas, x: center, from: y, to: y + Self.arrow)
      }
      x += widths[index] + Self.margin
    }
    return try canvas.image()
  }

  /// The parts in columns of about the same height, none much higher than a page.
  private func columns() -> [[Part]] {
    let count = max(1, (Self.height(of: parts) / Self.pageHeight).rounded(.up))
    let limit = Self.height(of: parts) / count
    var columns: [[Part]] = [[]]
    for part in parts {
      let last = columns.count - 1
      let grown = Self.height(of: columns[last]) + Self.arrow + Self.size(of: part).height / 2
      if !columns[last].isEmpty, grown > limit, Double(columns.count) < count {
        columns.append([part])
      } else {
        columns[last].append(part)
      }
    }
    return columns
  }
}

// MARK: - Measures

extension BlockDiagram {
  private static let box = (width: 172.0, height: 40.0)
  private static let arrow = 16.0
  private static let gap = 14.0
  private static let joint = 22.0
  private static let frame = 12.0
  private static let timesWidth = 34.0
  private static let margin = 28.0
  private static let top = 48.0
  private static let pageHeight = 1500.0
  private static let titleStyle = TextStyle(size: 16, isBold: true)
  private static let boxStyle = TextStyle(size: 12, isBold: true)
  private static let detailStyle = TextStyle(size: 11, color: .faintInk)

  private static func height(of parts: [Part]) -> Double {
    parts.map { size(of: $0).height }.reduce(0, +) + Double(max(parts.count - 1, 0)) * arrow
  }

  private static func width(of parts: [Part]) -> Double {
    parts.map { size(of: $0).width }.max() ?? gap
  }

  private static func size(of part: Part) -> (width: Double, height: Double) {
    switch part {
    case .box: return box
    case .branches(let flows, _):
      let width = flows.map(width(of:)).reduce(0, +) + Double(flows.count - 1) * gap
      return (width, (flows.map(height(of:)).max() ?? 0) + 2 * arrow + joint)
    case .repeated(let parts, _):
      return (width(of: parts) + 2 * frame + timesWidth, height(of: parts) + 2 * frame)
    }
  }
}

// MARK: - Drawing

extension BlockDiagram {
  /// Draws a flow around the vertical line at `x`, from `y` down; returns where it ends.
  @discardableResult
  private static func draw(
    _ parts: [Part], on canvas: borrowing Canvas, x: Double, y: Double
  ) -> Double {
    var y = y
    for (index, part) in parts.enumerated() {
      if index > 0 {
        drawArrow(on: canvas, x: x, from: y, to: y + arrow)
        y += arrow
      }
      draw(part, on: canvas, x: x, y: y)
      y += size(of: part).height
    }
    return y
  }

  private static func draw(_ part: Part, on canvas: borrowing Canvas, x: Double, y: Double) {
    let size = size(of: part)
    let area = Rectangle(x: x - size.width / 2, y: y, width: size.width, height: size.height)
    switch part {
    case .box(let title, let detail, let group):
      let color = Color.series[group % Color.series.count]
      canvas.fill(area, color.mixed(with: .paper, 0.82))
      canvas.outline(area, color.mixed(with: .paper, 0.35))
      canvas.text(
        canvas.truncated(title, boxStyle, width: size.width - 12), x: x, y: y + 17, boxStyle,
        anchor: .middle)
      canvas.text(
        canvas.truncated(detail, detailStyle, width: size.width - 12), x: x, y: y + 32, detailStyle,
        anchor: .middle)
    case .branches(let flows, let joint):
      drawBranches(flows, joint: joint, on: canvas, in: area)
    case .repeated(let parts, let times):
      let framed = Rectangle(
        x: area.x, y: area.y, width: area.width - timesWidth, height: area.height)
      canvas.outline(framed, .axis)
      canvas.text("× \(times)", x: framed.right + 8, y: y + size.height / 2 + 4, boxStyle)
      // The flow stays on its line although the frame has the number on its right.
      canvas.line(from: (x, y), to: (x, y + frame), .axis)
      draw(parts, on: canvas, x: framed.x + framed.width / 2, y: y + frame)
    }
  }

  private static func drawBranches(
    _ flows: [[Part]], joint: String, on canvas: borrowing Canvas, in area: Rectangle
  ) {
    let x = area.x + area.width / 2
    let center = area.bottom - Self.joint / 2
    var left = area.x
    var ends: [Double] = []
    for flow in flows {
      let width = width(of: flow)
      let middle = left + width / 2
      ends.append(middle)
      canvas.line(from: (middle, area.y), to: (middle, area.y + arrow), .axis, lineWidth: 1.4)
      let end = draw(flow, on: canvas, x: middle, y: area.y + arrow)
      canvas.polyline(
        [(middle, end), (middle, center), (x, center)], .axis, lineWidth: 1.4)
      left += width + gap
    }
    if let first = ends.min(), let last = ends.max() {
      canvas.line(from: (first, area.y), to: (last, area.y), .axis, lineWidth: 1.4)
    }
    let width = max(Self.joint, canvas.width(of: joint, boxStyle) + 14)
    let box = Rectangle(
      x: x - width / 2, y: center - Self.joint / 2, width: width, height: Self.joint)
    canvas.fill(box, .paper)
    canvas.outline(box, .axis)
    canvas.text(joint, x: x, y: center + 4, boxStyle, anchor: .middle)
  }

  private static func drawArrow(
    on canvas: borrowing Canvas, x: Double, from top: Double, to bottom: Double
  ) {
    canvas.line(from: (x, top), to: (x, bottom - 1), .axis, lineWidth: 1.4)
    canvas.polyline(
      [(x - 4, bottom - 6), (x, bottom - 1), (x + 4, bottom - 6)], .axis, lineWidth: 1.4)
  }
}
