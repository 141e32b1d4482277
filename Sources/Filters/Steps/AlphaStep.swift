import Images
import LoopInterface

/// A window's step over an image with alpha: what is invisible adds no color.
///
/// Colors are multiplied by alpha, all channels filtered, and the colors divided by the filtered
/// alpha. Differences (gradients, kernels whose weights sum to 0) leave alpha as it is and take what is
/// invisible to have the color of the window's center, so that they see no edge there. Where a
/// window's pixels are all opaque, that comes to the step without alpha, which is taken there.
struct AlphaStep: RowStep {
  let straight: any RowStep
  let geometry: WindowGeometry
  let loops: LoopTable
  let rule: AlphaRule
  let finish: Finish
  /// Whether results are to be stretched to the full range.
  let normalizes: Bool
  /// The finish once that is known.
  private(set) var stretched: Finish?

  init(
    _ straight: any RowStep, _ rule: AlphaRule, _ geometry: WindowGeometry, _ loops: LoopTable,
    _ finish: Finish, normalizes: Bool
  ) {
    self.straight = straight
    self.rule = rule
    self.geometry = geometry
    self.loops = loops
    self.finish = finish
    self.normalizes = normalizes
  }

  var input: PixelLayout { straight.input }
  var output: PixelLayout { straight.output }
  var needsWholeImage: Bool { straight.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { straight.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { AlphaWorker(self) }

  func adapted(to image: InputRows, in selection: Selection) -> any RowStep {
    guard normalizes else { return self }
    var (low, high) = (Double.infinity, -Double.infinity)
    let window = WeighedWindow(self)
    for row in selection.rows(of: output) {
      window.forEachTile(in: row..<row + 1, from: image) { columns, results in
        selection.forEachRun(in: row, of: output) { run in
          let run = run.clamped(to: columns)
          for x in run {
            for channel in 0..<output.colorChannels {
              let result = results[(x - columns.lowerBound) * output.channels + channel]
              let value = max(result * finish.scale + finish.bias, finish.floor)
              if value.isFinite { (low, high) = (min(low, value), max(high, value)) }
            }
          }
        }
      }
    }
    var step = self
    var stretched = finish
    stretched.offset = low <= high ? low : 0
    stretched.gain = high > low ? output.sample.white / (high - low) : 0
    step.stretched = stretched
    return step
  }
}

/// How a window's pixels become one where they are not all opaque.
enum AlphaRule: Sendable {
  typealias MakeResults = @Sendable (WindowGeometry) -> any ResultRows

  /// A mean or a sum: weights that sum to something else than 0. Sums that slide from row to row need
  /// colors times alpha to be whole.
  case mean(weights: Double, slides: Bool = false, MakeResults)
  /// A difference by one kernel, or what is shown of two; the sum of their weights.
  case difference([MakeResults], weights: Double, GradientDirection)
  /// The largest visible sample, and the sum of alpha over a window of this area.
  case largest(MakeResults, alpha: MakeResults, area: Double)
}

extension AlphaRule {
  /// What an opaque pixel's colors are multiplied by, held as `Float`.
  ///
  /// With 8 bits color times alpha is exact. With 16 bits it is not: colors keep their own size, so
  /// that those of opaque pixels stay exact, but for sliding sums, which want whole numbers.
  fileprivate func unit(of sample: SampleType) -> Double {
    switch (sample, self) {
    case (.uint16, .mean(_, slides: true, _)), (.uint8, _): sample.white
    default: 1
    }
  }
}

private final class AlphaWorker: RowWorker {
  private let step: AlphaStep
  private let straight: (any RowWorker)?
  private let window: WeighedWindow
  private let opaque: OpaqueTiles
  private let finish: Finish
  private let alphaFinish: Finish
  /// Alphas of a tile's row, as samples.
  private let alphaRow: Scratch<UInt8>

  private static let stripHeight = 32

  init(_ step: AlphaStep) {
    self.step = step
    // What was stretched belongs to the whole image, opaque or not.
    straight = step.stretched == nil ? step.straight.makeWorker() : nil
    finish = step.stretched ?? step.finish
    window = WeighedWindow(step)
    opaque = OpaqueTiles(step.input)
    var alphaFinish = Finish()
    alphaFinish.upper = step.output.sample.white
    self.alphaFinish = alphaFinish
    alphaRow = Scratch(window.alpha.count * step.output.sample.byteCount, filledWith: 0)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let strip = row..<min(rows.upperBound, row + Self.stripHeight)
      compute(
        strip: strip, from: input,
        into: output + (row - rows.lowerBound) * step.output.bytesPerRow)
      row = strip.upperBound
    }
  }

  private func compute(
    strip: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer
  ) {
    let under = step.geometry.inputRows(for: strip)
    opaque.look(at: under, of: input)
    let tiles = window.tiles
    var weighed: [Int] = Array(tiles.indices)
    if straight != nil {
      weighed = tiles.indices.filter { !opaque.isOpaque(window.sources[$0]) }
    }
    if weighed.count < tiles.count { straight?.compute(strip, from: input, into: output) }
    for tile in weighed {
      for row in strip {
        let place = output + (row - strip.lowerBound) * step.output.bytesPerRow
        window.compute(row, tile: tile, strip: strip, from: input)
        store(row, tiles[tile], from: input, into: place)
      }
    }
  }

  /// Finishes a tile's results and puts them and the alpha into the output's row.
  private func store(
    _ row: Int, _ columns: Range<Int>, from input: InputRows, into place: UnsafeMutableRawPointer
  ) {
    let (channels, samples) = (step.output.channels, step.loops.samples)
    let count = columns.count * channels
    let start = columns.lowerBound * channels
    let results = UnsafePointer(window.results.start)
    switch step.output.sample {
    case .uint8:
      let samplesPlace = place.assumingMemoryBound(to: UInt8.self) + start
      samples.finishUInt8(results, count, finish, samplesPlace)
      putAlpha(row, columns, input, samplesPlace, samples.finishUInt8)
    case .uint16:
      let samplesPlace = place.assumingMemoryBound(to: UInt16.self) + start
      samples.finishUInt16(results, count, finish, samplesPlace)
      putAlpha(row, columns, input, samplesPlace, samples.finishUInt16)
    case .float32:
      let samplesPlace = place.assumingMemoryBound(to: Float.self) + start
      samples.finishFloat(results, count, finish, samplesPlace)
      putAlpha(row, columns, input, samplesPlace, samples.finishFloat)
    }
  }

  @inline(__always)
  private func putAlpha<Sample: BitwiseCopyable>(
    _ row: Int, _ columns: Range<Int>, _ input: InputRows, _ place: UnsafeMutablePointer<Sample>,
    _ finishAlpha: SampleLoops.FinishRow<Sample>
  ) {
    let channels = step.output.channels
    if case .difference = step.rule {
      let geometry = step.geometry
      let from = input.samples(geometry.rows.center(of: row), as: Sample.self)
      for (index, x) in columns.enumerated() {
        place[index * channels + channels - 1] =
          from[geometry.columns.center(of: x) * channels + channels - 1]
      }
      return
    }
    let alphas = UnsafeMutableRawPointer(alphaRow.start).assumingMemoryBound(to: Sample.self)
    finishAlpha(UnsafePointer(window.alpha.start), columns.count, alphaFinish, alphas)
    for index in 0..<columns.count {
      place[index &* channels &+ channels &- 1] = alphas[index]
    }
  }
}

/// Which parts of rows are opaque, a tile of columns at a time.
private final class OpaqueTiles {
  static let width = 64
  private let layout: PixelLayout
  private let tilesPerRow: Int
  /// For each row that was looked at, at the place of its number modulo `capacity`: 1 where a tile is
  /// opaque.
  private var flags: [UInt8] = []
  private var capacity = 0
  private var seen = 0..<0
  /// All of the rows together.
  private var all: [UInt8]

  init(_ layout: PixelLayout) {
    self.layout = layout
    tilesPerRow = (layout.width + Self.width - 1) / Self.width
    all = Array(repeating: 1, count: tilesPerRow)
  }

  /// Takes these rows as those that are asked about.
  func look(at rows: Range<Int>, of input: InputRows) {
    if rows.count > capacity {
      capacity = rows.count + 32
      flags = Array(repeating: 1, count: capacity * tilesPerRow)
      seen = rows.lowerBound..<rows.lowerBound
    }
    let known = rows.clamped(to: seen)
    for row in rows where !known.contains(row) { mark(row, of: input) }
    seen = rows
    for tile in 0..<tilesPerRow {
      var flag: UInt8 = 1
      for row in rows { flag &= flags[row % capacity * tilesPerRow + tile] }
      all[tile] = flag
    }
  }

  /// Whether these columns are opaque in all rows.
  func isOpaque(_ columns: Range<Int>) -> Bool {
    (columns.lowerBound / Self.width...(columns.upperBound - 1) / Self.width).allSatisfy {
      all[$0] == 1
    }
  }

  private func mark(_ row: Int, of input: InputRows) {
    let channels = layout.channels
    for tile in 0..<tilesPerRow {
      let columns = tile * Self.width..<min(layout.width, (tile + 1) * Self.width)
      let isOpaque =
        switch layout.sample {
        case .uint8: lowest(input.samples(row, as: UInt8.self), columns, channels) == .max
        case .uint16: lowest(input.samples(row, as: UInt16.self), columns, channels) == .max
        case .float32:
          // More than 1 is a weight like any other.
          columns.allSatisfy {
            input.samples(row, as: Float.self)[$0 * channels + channels - 1] == 1
          }
        }
      flags[row % capacity * tilesPerRow + tile] = isOpaque ? 1 : 0
    }
  }

  /// The bits that all alphas have.
  @inline(__always)
  private func lowest<Sample: FixedWidthInteger>(
    _ row: UnsafePointer<Sample>, _ columns: Range<Int>, _ channels: Int
  ) -> Sample {
    var bits = Sample.max
    if channels == 4 {
      for x in columns { bits &= row[4 &* x &+ 3] }
    } else {
      for x in columns { bits &= row[2 &* x &+ 1] }
    }
    return bits
  }
}

/// Computes a window's results with colors weighed by alpha.
///
/// A small window takes a tile of columns at a time, extended by the border; a large one whole rows.
private final class WeighedWindow {
  /// Output columns of each tile, and the input's columns under them.
  let tiles: [Range<Int>]
  let sources: [Range<Int>]
  /// A row of a tile, as the finish wants it; alpha in units of samples.
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
    isTiled = max(columns.window, rowAxis.window) <= Self.largestTiledWindow
    let tileWidth = isTiled ? min(width, Self.tileWidth) : width
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
    _ body: (_ columns: Range<Int>, _ results: UnsafePointer<Double>) -> Void
  ) {
    for tile in tiles.indices {
      for row in rows {
        compute(row, tile: tile, strip: rows, from: input)
        body(tiles[tile], UnsafePointer(results.start))
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
      let isVisible = center.sample(x, last) > 0
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
