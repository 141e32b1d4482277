import Images

/// Many small images of numbers side by side: the feature maps of a layer, or a layer's kernels.
public struct TileGrid: Sendable {
  private var title: String
  private var tiles: [Image]
  private var note: String

  /// The feature maps of one image after one layer.
  ///
  /// Each map is stretched from its own least value to its own greatest and colored from dark violet
  /// (least) to yellow (greatest).
  ///
  /// - Parameters:
  ///   - values: C × H × W, row-major.
  ///   - limit: shows no more maps than this, and says so.
  /// - Throws: ``FigureError/unusable(_:)`` where the count of values is not C × H × W.
  public init(
    featureMaps values: [Float], channels: Int, height: Int, width: Int, title: String,
    limit: Int = 64
  ) throws(FigureError) {
    try Self.check(values.count, [channels, height, width], "feature maps")
    let shown = min(channels, max(limit, 1))
    self.title = title
    note = Self.note(shown: shown, of: channels, "maps") + " of \(width)×\(height)"
    tiles = (0..<shown).map { channel in
      let map = values[channel * height * width..<(channel + 1) * height * width]
      let range = Self.finiteRange(map)
      return Image(width: width, height: height) { x, y in
        let value = Double(map[map.startIndex + y * width + x])
        return ColorScale.viridis[
          range.high > range.low ? (value - range.low) / (range.high - range.low) : 0]
      }
    }
  }

  /// The kernels of a convolution.
  ///
  /// Kernels over three channels are drawn as colors with 0 in the middle gray; all others as the
  /// mean over their channels, blue negative, white zero, red positive. One scale serves all kernels.
  ///
  /// - Parameters:
  ///   - weights: outputs × channels × height × width, row-major.
  ///   - limit: shows no more kernels than this, and says so.
  /// - Throws: ``FigureError/unusable(_:)`` where the count of weights is not that of the shape.
  public init(
    kernels weights: [Float], outputs: Int, channels: Int, height: Int, width: Int, title: String,
    limit: Int = 64
  ) throws(FigureError) {
    try Self.check(weights.count, [outputs, channels, height, width], "kernels")
    let shown = min(outputs, max(limit, 1))
    self.title = title
    note = Self.note(shown: shown, of: outputs, "kernels") + " of \(width)×\(height)×\(channels)"
    let area = height * width
    func weight(_ output: Int, _ channel: Int, _ x: Int, _ y: Int) -> Double {
      let value = weights[(output * channels + channel) * area + y * width + x]
      return value.isFinite ? Double(value) : 0
    }
    func mean(_ output: Int, _ x: Int, _ y: Int) -> Double {
      (0..<channels).reduce(0) { $0 + weight(output, $1, x, y) } / Double(channels)
    }
    var largest = 0.0
    for output in 0..<shown {
      for y in 0..<height {
        for x in 0..<width {
          if channels == 3 {
            for channel in 0..<3 { largest = max(largest, weight(output, channel, x, y).magnitude) }
          } else {
            largest = max(largest, mean(output, x, y).magnitude)
          }
        }
      }
    }
    let scale = largest > 0 ? 0.5 / largest : 0
    tiles = (0..<shown).map { output in
      Image(width: width, height: height) { x, y in
        guard channels == 3 else { return ColorScale.diverging[0.5 + mean(output, x, y) * scale] }
        var color = Color.paper
        color.red = 0.5 + weight(output, 0, x, y) * scale
        color.green = 0.5 + weight(output, 1, x, y) * scale
        color.blue = 0.5 + weight(output, 2, x, y) * scale
        return color
      }
    }
  }

  /// The grid as an 8-bit RGB image; each tile is enlarged by a whole factor or, if it is large,
  /// shrunk to 128 units of 2 × 2 pixels.
  public func rendered() throws(FigureError) -> Image {
    let (width, height) = (tiles[0].width, tiles[0].height)
    let longer = Double(max(width, height))
    let target = tiles.count <= 16 ? 84.0 : 56.0
    // In pixels, of which a unit has two.
    let scale = longer > 256 ? 256 / longer : max(1, (2 * target / longer).rounded())
    let tile = (
      width: max(Double(width) * scale / 2, 1), height: max(Double(height) * scale / 2, 1)
    )
    let (gap, margin) = (4.0, 20.0)
    let square = (Double(tiles.count) * (tile.height + gap) / (tile.width + gap)).squareRoot()
    let columns = min(max(Int(square.rounded(.up)), 1), tiles.count)
    let rows = (tiles.count + columns - 1) / columns
    let gridWidth = Double(columns) * (tile.width + gap) - gap
    let canvas = try Canvas(
      width: max(2 * margin + gridWidth, 240),
      height: 62 + Double(rows) * (tile.height + gap) - gap + margin)
    let titleStyle = TextStyle(size: 13, isBold: true)
    let noteStyle = TextStyle(size: 11, color: .faintInk)
    let textWidth = max(gridWidth, 200)
    canvas.text(
      canvas.truncated(title, titleStyle, width: textWidth), x: margin, y: 28, titleStyle)
    canvas.text(canvas.truncated(note, noteStyle, width: textWidth), x: margin, y: 46, noteStyle)
    for (index, image) in tiles.enumerated() {
      try canvas.draw(
        image,
        in: Rectangle(
          x: margin + Double(index % columns) * (tile.width + gap),
          y: 62 + Double(index / columns) * (tile.height + gap), width: tile.width,
          height: tile.height),
        smooth: scale < 1)
    }
    return try canvas.image()
  }

  private static func check(
    _ count: Int, _ sizes: [Int], _ what: String
  ) throws(FigureError) {
    var product = 1
    for size in sizes {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      product = size > 0 && !overflow ? next : 0
    }
    guard product > 0, product == count else {
      let shape = sizes.map(String.init).joined(separator: "×")
      throw .unusable("\(what) of \(shape) with \(count) values")
    }
  }

  private static func note(shown: Int, of total: Int, _ what: String) -> String {
    shown < total ? "the first \(shown) of \(total) \(what)" : "\(total) \(what)"
  }

  private static func finiteRange(_ values: ArraySlice<Float>) -> (low: Double, high: Double) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite {
      low = min(low, Double(value))
      high = max(high, Double(value))
    }
    return (low, high)
  }
}
