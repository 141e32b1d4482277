import Files
import Images

/// A coarse map of values over an image: where a network looked, as Grad-CAM tells it
/// (Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks").
public struct Heatmap: Sendable {
  /// `rows` × `columns` values, row by row; only what is positive counts.
  public var values: [Float]
  public var rows: Int
  public var columns: Int

  public init(values: [Float], rows: Int, columns: Int) {
    self.values = values
    self.rows = rows
    self.columns = columns
  }

  /// The image in gray with the map over it, in 8-bit RGB and of the same shape.
  ///
  /// The values are divided by the largest of them and interpolated bilinearly; warm and opaque is
  /// high, at 0 the image itself shows. Images with sides below `minimumSide` are enlarged by a
  /// whole factor.
  ///
  /// - Parameter part: the part of the image that the map covers, in pixels, which may reach beyond it; nil
  ///   for all of it. Outside it the image is dark gray.
  /// - Parameter cancellation: looked at between rows.
  /// - Throws: ``FigureError/unusable(_:)`` where the count of values is not rows × columns,
  ///   ``FigureError/cancelled``.
  public func rendered(
    over image: Image, part: ImagePart? = nil, minimumSide: Int = 224,
    cancellation: Cancellation? = nil
  ) throws(FigureError) -> Image {
    guard rows > 0, columns > 0, rows <= 1 << 15, columns <= 1 << 15,
      values.count == rows * columns
    else { throw .unusable("a heat map of \(rows)×\(columns) with \(values.count) values") }
    guard image.layout.isValid else {
      throw .unusable(
        "an image of \(image.width) × \(image.height) pixels and \(image.channels) channels")
    }
    let shorter = min(image.width, image.height)
    let factor = max(1, (minimumSide + shorter - 1) / shorter)
    let canvas = try Canvas(
      width: Double(image.width * factor), height: Double(image.height * factor), scale: 1)
    try canvas.draw(
      image,
      in: Rectangle(
        x: 0, y: 0, width: Double(image.width * factor),
        height: Double(image.height * factor)))
    let part = part ?? ImagePart(x: 0, y: 0, width: image.width, height: image.height)
    let (across, down) = (
      Double(columns) / Double(part.width * factor), Double(rows) / Double(part.height * factor)
    )
    var image = try canvas.image()
    let largest = values.reduce(0) { $1.isFinite ? max($0, $1) : $0 }
    let (width, height) = (image.width, image.height)
    image.withUnsafeMutableBytes { bytes in
      for y in 0..<height where cancellation?.isCancelled != true {
        let row = (Double(y - part.y * factor) + 0.5) * down
        for x in 0..<width {
          let column = (Double(x - part.x * factor) + 0.5) * across
          let isCovered =
            0 <= row && row <= Double(rows) && 0 <= column && column <= Double(columns)
          let heat =
            isCovered && largest > 0
            ? value(row: row - 0.5, column: column - 0.5) / Double(largest) : 0
          let color = ColorScale.inferno[0.25 + 0.7 * heat]
          let opacity = 0.75 * min(heat * 1.5, 1)
          let position = (y * width + x) * 3
          let components = [color.red, color.green, color.blue]
          let red = Double(bytes[position])
          let green = Double(bytes[position + 1])
          let blue = Double(bytes[position + 2])
          let gray = 0.299 * red + 0.587 * green + 0.114 * blue
          for (channel, below) in [red, green, blue].enumerated() {
            let base = isCovered ? gray + (below - gray) * 0.35 : gray * 0.5
            let mixed = base + (components[channel] * 255 - base) * opacity
            bytes[position + channel] = UInt8(min(max(mixed, 0), 255).rounded())
          }
        }
      }
    }
    if cancellation?.isCancelled == true { throw .cancelled }
    return image
  }

  /// The value between four neighbors; beyond the outermost, theirs.
  private func value(row: Double, column: Double) -> Double {
    let row = min(max(row, 0), Double(rows - 1))
    let column = min(max(column, 0), Double(columns - 1))
    let (top, left) = (Int(row), Int(column))
    let (bottom, right) = (min(top + 1, rows - 1), min(left + 1, columns - 1))
    let (down, along) = (row - Double(top), column - Double(left))
    let upper = cell(top, left) * (1 - along) + cell(top, right) * along
    let lower = cell(bottom, left) * (1 - along) + cell(bottom, right) * along
    return upper * (1 - down) + lower * down
  }

  private func cell(_ row: Int, _ column: Int) -> Double {
    let value = values[row * columns + column]
    return value.isFinite ? Double(max(value, 0)) : 0
  }
}
