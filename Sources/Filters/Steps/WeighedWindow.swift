import Images
import LoopInterface

/// Computes a window's results with colors weighed by alpha.
///
/// A small window takes a tile of columns at a time, extended by the border; a large one whole rows.
final class WeighedWindow {
  /// Output columns of each tile, and the input's columns under them.
  let tiles: [Range<Int>]
  let sources: [Range<Int>]
  /// A row of a tile, as the finish wants it; alpha in units of samples (of a difference that of the
  /// window's center).
  let results: Scratch<Double>
  let alpha: Scratch<Double>

  private let step: AlphaStep
  private let geometry: WindowGeometry
  /// Of the weighed image: a tile with its extension, or the whole.
  private let inner: WindowGeometry
  private let isTiled: Bool
  private let rows: [any ResultRows]
  private let alphaRows: (any ResultRows)?
  /// What an opaque pixel's colors are multiplied by in `block`.
  private let unit: Double
  private var block: Scratch<Float>
  /// What `block` holds, and the number of its first row, which is another for every tile so that the
  /// results keep no rows of another one.
  private var held: (tile: Int, strip: Range<Int>)?
  private var firstRow = 0
  private var nextFirstRow = 0

  private static let tileWidth = 128
  private static let largestTiledWindow = 64

  init(_ step: AlphaStep) {
    self.step = step
    geometry = step.geometry
    let (columns, rowAxis, width) = (
      geometry.columns, geometry.rows, geometry.output.width
    )
    let isSmall = max(columns.window, rowAxis.window) <= Self.largestTiledWindow
    // Around a tile lie the pixels of the border; of a constant one colors and alpha differ.
    var isConstant = false
    if case .constant = geometry.border { isConstant = true }
    isTiled = isSmall || isConstant
    let tileWidth = isSmall ? min(width, Self.tileWidth) : width
    // The last tile overlaps the one before it, so that all have one width.
    tiles = stride(from: 0, to: width, by: tileWidth).map {
      let left = min($0, width - tileWidth)
      return left..<left + tileWidth
    }
    let geometry = geometry
    sources = tiles.map {
      geometry.border.sources(of: columns.indices(under: $0), count: geometry.input.width)
    }
    var layout = geometry.input
    layout.sample = .float32
    if isTiled {
      layout.width = columns.indices(under: 0..<tileWidth).count
      layout.height = Int.max / 4
      inner = geometry.valid(for: layout)
    } else {
      inner = geometry.same(for: layout)
    }
    let inner = inner
    switch step.rule {
    case .mean(_, _, let make): (rows, alphaRows) = ([make(inner)], nil)
    case .difference(let make, _, _): (rows, alphaRows) = (make.map { $0(inner) }, nil)
    case .largest(let make, let alpha, _): (rows, alphaRows) = ([make(inner)], alpha(inner))
    }
    unit = step.rule.unit(of: geometry.input.sample)
    results = Scratch(tileWidth * layout.channels, filledWith: 0)
    alpha = Scratch(tileWidth, filledWith: 0)
    block = Scratch(0, filledWith: 0)
  }

  /// Computes every tile of some rows and hands over each one's results.
  func forEachTile(
    in rows: Range<Int>, from input: InputRows,
    _ body: (
      _ columns: Range<Int>, _ results: UnsafePointer<Double>, _ alpha: UnsafePointer<Double>
    ) -> Void
  ) {
    for tile in tiles.indices {
      for row in rows {
        compute(row, tile: tile, strip: rows, from: input)
        body(tiles[tile], UnsafePointer(results.start), UnsafePointer(alpha.start))
      }
    }
  }

  /// Computes a tile's columns of a row of this strip.
  func compute(_ row: Int, tile: Int, strip: Range<Int>, from input: InputRows) {
    if held?.tile != tile || held?.strip != strip { fill(tile, strip, from: input) }
    let innerRow: Int
    let rows: InputRows
    let bytesPerRow = inner.input.bytesPerRow
    if isTiled {
      innerRow = firstRow / geometry.rows.stride + row - strip.lowerBound
      rows = InputRows(
        base: UnsafeRawPointer(block.start), first: firstRow, bytesPerRow: bytesPerRow)
    } else {
      innerRow = row
      rows = InputRows(
        base: UnsafeRawPointer(block.start),
        first: step.inputRows(for: strip).lowerBound, bytesPerRow: bytesPerRow)
    }
    let sums = self.rows.map { $0.results(innerRow, from: rows) }
    switch step.rule {
    case .mean(let weights, _, _): divide(sums[0], weights)
    case .difference(_, let weights, let direction):
      correct(sums, weights, direction, row, tiles[tile], input)
    case .largest(_, _, let area):
      guard let alphaRows else { return }
      largest(sums[0], alphaRows.results(innerRow, from: rows), area)
    }
  }

  /// From one window's results to the next one's.
  private var samplesPerStep: Int { geometry.columns.stride * geometry.output.channels }

  /// Colors over alpha.
  private func divide(_ sums: UnsafePointer<Double>, _ weights: Double) {
    let (channels, pitch) = (geometry.output.channels, samplesPerStep)
    let last = channels - 1
    let white = step.output.sample.white / unit
    for x in 0..<alpha.count {
      let (sum, result) = (sums + x &* pitch, results.start + x &* channels)
      // A quotient, so that it is exactly white where all is opaque.
      let coverage = sum[last] / weights
      alpha.start[x] = coverage
      let scale = coverage > 0 ? white / coverage : 0
      for c in 0..<last { result[c] = sum[c] * scale }
      result[last] = 0
    }
  }

  /// What is invisible takes the center's color.
  private func correct(
    _ sums: [UnsafePointer<Double>], _ weights: Double, _ direction: GradientDirection, _ row: Int,
    _ columns: Range<Int>, _ input: InputRows
  ) {
    let (channels, pitch) = (geometry.output.channels, samplesPerStep)
    let white = step.output.sample.white
    let share = unit / white
    let last = channels - 1
    let center = CentreRow(input, geometry, row)
    let turn = (step.input.sample.maximum ?? 0) + 1
    for (index, x) in columns.enumerated() {
      let result = results.start + index * channels
      alpha.start[index] = center.sample(x, last)
      let isVisible = alpha.start[index] > 0
      for c in 0..<last {
        let color = isVisible ? center.sample(x, c) : 0
        let first = sums[0] + index * pitch
        // Exact where all is whole, so that what is 0 has no angle and is not stretched.
        let x = (first[c] + (weights * white - first[last]) * color * share) / unit
        guard sums.count == 2 else {
          result[c] = isVisible ? x : 0
          continue
        }
        let second = sums[1] + index * pitch
        let y = (second[c] + (weights * white - second[last]) * color * share) / unit
        result[c] =
          !isVisible
          ? 0
          : direction == .angle
            ? GradientResults.angle(x, y, wholeTurn: turn) : (x * x + y * y).squareRoot()
      }
      result[last] = 0
    }
  }

  private func largest(
    _ sums: UnsafePointer<Double>, _ coverage: UnsafePointer<Double>, _ area: Double
  ) {
    let (channels, pitch) = (geometry.output.channels, samplesPerStep)
    for x in 0..<alpha.count {
      for c in 0..<channels { results.start[x * channels + c] = sums[x * pitch + c] }
      alpha.start[x] = coverage[x * pitch + channels - 1] / area
    }
  }

  // MARK: The weighed image: colors times their share of `unit`, and alpha in units of samples

  private func fill(_ tile: Int, _ strip: Range<Int>, from input: InputRows) {
    held = (tile, strip)
    let rows =
      isTiled ? geometry.rows.indices(under: strip) : step.inputRows(for: strip)
    let pitch = inner.input.samplesPerRow
    if block.count < rows.count * pitch { block = Scratch(rows.count * pitch, filledWith: 0) }
    guard isTiled else {
      for (index, row) in rows.enumerated() {
        weigh(input, row, 0..<geometry.input.width, into: block.start + index * pitch)
      }
      return
    }
    // Further on than any row that was read before.
    firstRow = nextFirstRow
    nextFirstRow += (rows.count + geometry.rows.window + 1) * geometry.rows.stride
    let columns = geometry.columns.indices(under: tiles[tile])
    let (width, channels) = (geometry.input.width, geometry.input.channels)
    let inside = columns.clamped(to: 0..<width)
    for (index, row) in rows.enumerated() {
      let place = block.start + index * pitch
      guard let source = geometry.border.source(of: row, count: geometry.input.height) else {
        for x in 0..<columns.count { putConstant(place + x * channels) }
        continue
      }
      if !inside.isEmpty {
        weigh(
          input, source, inside, into: place + (inside.lowerBound - columns.lowerBound) * channels)
      }
      for x in columns where !inside.contains(x) {
        let pixel = place + (x - columns.lowerBound) * channels
        if let column = geometry.border.source(of: x, count: width) {
          weigh(input, source, column..<column + 1, into: pixel)
        } else {
          putConstant(pixel)
        }
      }
    }
  }

  /// A constant border is opaque.
  private func putConstant(_ pixel: UnsafeMutablePointer<Float>) {
    let channels = geometry.input.channels
    let value = SampleReader(layout: geometry.input, loops: step.loops)
      .borderValue(geometry.border)
    let white = geometry.input.sample.white
    var isLargest = false
    if case .largest = step.rule { isLargest = true }
    for c in 0..<channels - 1 { pixel[c] = Float(isLargest ? value : value * unit) }
    pixel[channels - 1] = Float(white)
  }

  private func weigh(
    _ input: InputRows, _ row: Int, _ columns: Range<Int>, into place: UnsafeMutablePointer<Float>
  ) {
    let (channels, loops) = (geometry.input.channels, step.loops.resample)
    let full = Float(geometry.input.sample.white / unit)
    let start = columns.lowerBound * channels
    switch geometry.input.sample {
    case .uint8:
      let pixels = input.samples(row, as: UInt8.self) + start
      loops.premultiplyUInt8(pixels, channels, columns.count, full, place)
      showVisible(pixels, columns.count, place) { Float($0) }
    case .uint16:
      let pixels = input.samples(row, as: UInt16.self) + start
      loops.premultiplyUInt16(pixels, channels, columns.count, full, place)
      showVisible(pixels, columns.count, place) { Float($0) }
    case .float32:
      let pixels = input.samples(row, as: Float.self) + start
      loops.premultiplyFloat(pixels, channels, columns.count, full, place)
      showVisible(pixels, columns.count, place) { $0 }
    }
  }

  /// For the largest sample: colors that can be seen at all as they are, others 0.
  private func showVisible<Sample>(
    _ pixels: UnsafePointer<Sample>, _ count: Int, _ place: UnsafeMutablePointer<Float>,
    _ number: (Sample) -> Float
  ) {
    guard case .largest = step.rule else { return }
    let channels = geometry.input.channels
    for x in 0..<count {
      let isVisible = place[x * channels + channels - 1] > 0
      for c in 0..<channels - 1 {
        place[x * channels + c] = isVisible ? number(pixels[x * channels + c]) : 0
      }
    }
  }
}

/// The pixels in the middle of a row's windows.
private struct CentreRow {
  private let row: UnsafeRawPointer
  private let columns: WindowGeometry.Axis
  private let layout: PixelLayout

  init(_ input: InputRows, _ geometry: WindowGeometry, _ row: Int) {
    self.row = input[geometry.rows.center(of: row)]
    columns = geometry.columns
    layout = geometry.input
  }

  func sample(_ x: Int, _ channel: Int) -> Double {
    let place = columns.center(of: x) * layout.channels + channel
    return switch layout.sample {
    case .uint8: Double(row.assumingMemoryBound(to: UInt8.self)[place])
    case .uint16: Double(row.assumingMemoryBound(to: UInt16.self)[place])
    case .float32: Double(row.assumingMemoryBound(to: Float.self)[place])
    }
  }
}
