import Images
import LoopInterface

/// Contrast-limited adaptive histogram equalization (Zuiderveld 1994), as OpenCV's `CLAHE`: the curve of
/// each tile equalizes its histogram, whose counts are limited; a pixel's is interpolated between those of
/// four tiles. Of colors the luma is changed, and its change added to red, green and blue.
struct CLAHE: StepMaker {
  /// The largest count of a sample, in multiples of the mean count.
  let clip: Double
  /// Tiles in both directions.
  let tiles: Int

  static let mostTiles = 256

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    CLAHEStep(input: layout, filter: self)
  }
}

private struct CLAHEStep: RowStep {
  let input: PixelLayout
  let filter: CLAHE
  let tileWidth: Int
  let tileHeight: Int

  init(input: PixelLayout, filter: CLAHE) {
    self.input = input
    self.filter = filter
    let tiles = filter.tiles
    // OpenCV extends the image in both directions where either is no multiple of the tiles.
    let fits = input.width % tiles == 0 && input.height % tiles == 0
    tileWidth = input.width / tiles + (fits ? 0 : 1)
    tileHeight = input.height / tiles + (fits ? 0 : 1)
  }

  var output: PixelLayout { input }
  // Beyond the last row the image is mirrored, which may need any row of a low one.
  var needsWholeImage: Bool { tileHeight * filter.tiles > 2 * input.height - 1 }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    if needsWholeImage { return 0..<input.height }
    let first = bands(of: rows.lowerBound).above * tileHeight
    let last = (bands(of: rows.upperBound - 1).below + 1) * tileHeight
    // What is mirrored at the last row stands for what lies below it.
    let mirrored = last > input.height ? 2 * input.height - 1 - last : input.height
    let start = min(first, min(rows.lowerBound, max(0, mirrored)))
    return start..<min(input.height, max(last, rows.upperBound))
  }

  /// The tiles above and below a row's center, and the weight of the one below.
  func bands(of row: Int) -> (above: Int, below: Int, weight: Float) {
    place(Float(row), 1 / Float(tileHeight))
  }

  func place(_ pixel: Float, _ inverse: Float) -> (above: Int, below: Int, weight: Float) {
    let position = pixel * inverse - 0.5
    let floor = position.rounded(.down)
    let before = Int(floor)
    return (max(before, 0), min(before + 1, filter.tiles - 1), position - floor)
  }

  func makeWorker() -> any RowWorker { Worker(self) }
}

private final class Worker: RowWorker {
  private let step: CLAHEStep
  private let gray: any RowWorker
  private let grayLayout: PixelLayout
  private let line: Scratch<UInt8>
  /// The curves of a row of tiles, one table behind the other, by the row's number; of two rows at most.
  private var curves: [Int: [Float]] = [:]
  /// For every segment of columns between the centers of tiles and every sample the results of its
  /// four tiles side by side; of the rows of tiles `quadBands`.
  private var quads: Scratch<SIMD4<Float>>?
  private var quadBands = (-1, -1)
  /// For each column its segment and the weights of both its tiles.
  private let columns: [(segment: Int, weights: SIMD4<Float>)]
  private let segments: [(left: Int, right: Int)]
  private let levels: Int

  init(_ step: CLAHEStep) {
    self.step = step
    let gray = GrayStep(step.input)
    self.gray = gray.makeWorker()
    grayLayout = gray.output
    line = Scratch(uninitialized: grayLayout.bytesPerRow)
    levels = step.input.sample == .uint8 ? 256 : 65_536
    var columns: [(segment: Int, weights: SIMD4<Float>)] = []
    var segments: [(left: Int, right: Int)] = []
    for x in 0..<step.input.width {
      let (left, right, weight) = step.place(Float(x), 1 / Float(step.tileWidth))
      if segments.last.map({ $0 != (left, right) }) ?? true { segments.append((left, right)) }
      columns.append((segments.count - 1, SIMD4(1 - weight, weight, 1 - weight, weight)))
    }
    self.columns = columns
    self.segments = segments
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    for row in rows {
      let (above, below, weight) = step.bands(of: row)
      prepare(above, below, from: input)
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      compute(row, weight, from: input, into: place)
    }
  }

  private func compute(
    _ row: Int, _ weight: Float, from input: InputRows, into place: UnsafeMutableRawPointer
  ) {
    guard let quads else { return }
    let vertical = SIMD2<Float>(1 - weight, weight)
    let levels = levels
    let layout = step.input
    columns.withUnsafeBufferPointer { columns in
      // The result of a sample in a column: along the row first, as OpenCV adds up.
      func curve(_ x: Int, _ sample: Int) -> Float {
        let (segment, weights) = columns[x]
        let products = quads.start[segment &* levels &+ sample] * weights
        let sums = (products.evenHalf + products.oddHalf) * vertical
        return sums[0] + sums[1]
      }
      switch layout.sample {
      case .uint8:
        let result = { (x: Int, sample: UInt8) in
          UInt8(truncatingIfNeeded: Int32((curve(x, Int(sample)) + 12_582_912).bitPattern & 511))
        }
        map(layout, input[row], place, as: UInt8.self, luma, result)
      case .uint16:
        let result = { (x: Int, sample: UInt16) in
          UInt16(min(max(curve(x, Int(sample)).rounded(.toNearestOrEven), 0), 65_535))
        }
        map(layout, input[row], place, as: UInt16.self, luma, result)
      case .float32:
        let from = input.samples(row, as: Float.self)
        let to = place.assumingMemoryBound(to: Float.self)
        for x in 0..<layout.width {
          let (pixel, result) = (from + x * layout.channels, to + x * layout.channels)
          let luma =
            layout.colorChannels == 3
            ? pixel[0] * 0.299 + pixel[1] * 0.587 + pixel[2] * 0.114 : pixel[0]
          let change = curve(x, place16(luma)) / 65_535 - luma
          for color in 0..<layout.colorChannels { result[color] = pixel[color] + change }
          if layout.hasAlpha { result[layout.channels - 1] = pixel[layout.channels - 1] }
        }
      }
    }
  }

  @inline(__always)
  private func map<Sample: FixedWidthInteger & UnsignedInteger>(
    _ layout: PixelLayout, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer,
    as type: Sample.Type, _ luma: (Sample, Sample, Sample) -> Sample,
    _ result: (Int, Sample) -> Sample
  ) {
    if layout.channels == 1 {
      let (from, to) = (from.assumingMemoryBound(to: type), to.assumingMemoryBound(to: type))
      for x in 0..<layout.width { to[x] = result(x, from[x]) }
    } else if layout.channels == 2 {
      let (from, to) = (from.assumingMemoryBound(to: type), to.assumingMemoryBound(to: type))
      for x in 0..<layout.width {
        to[2 &* x] = result(x, from[2 &* x])
        to[2 &* x &+ 1] = from[2 &* x &+ 1]
      }
    } else {
      var x = -1
      mapLuma(from, to, layout, as: type, luma) { sample in
        x &+= 1
        return Int32(truncatingIfNeeded: result(x, sample))
      }
    }
  }

  /// Makes the quads of two rows of tiles.
  private func prepare(_ above: Int, _ below: Int, from input: InputRows) {
    guard quadBands != (above, below) else { return }
    quadBands = (above, below)
    let kept = curves.filter { $0.key == above || $0.key == below }
    curves = kept
    for band in [above, below] where curves[band] == nil {
      curves[band] = (0..<step.filter.tiles).flatMap { curve(of: $0, in: band, from: input) }
    }
    guard let upper = curves[above], let lower = curves[below] else { return }
    let quads = quads ?? Scratch(segments.count * levels, filledWith: SIMD4())
    for (index, segment) in segments.enumerated() {
      let (left, right) = (segment.left * levels, segment.right * levels)
      for sample in 0..<levels {
        quads.start[index * levels + sample] = SIMD4(
          upper[left + sample], upper[right + sample], lower[left + sample], lower[right + sample])
      }
    }
    self.quads = quads
  }

  /// The curve of a tile.
  private func curve(of tile: Int, in band: Int, from input: InputRows) -> [Float] {
    var histogram = Histogram(counts: Array(repeating: 0, count: levels))
    let (width, height) = (step.input.width, step.input.height)
    let (left, top) = (tile * step.tileWidth, band * step.tileHeight)
    let inside = min(left, width)..<min(left + step.tileWidth, width)
    for y in top..<top + step.tileHeight {
      guard let source = Border.reflect101.source(of: y, count: height) else { continue }
      let row = grayRow(source, from: input)
      if !inside.isEmpty { histogram.count(row, inside, grayLayout) }
      for x in max(left, width)..<max(left + step.tileWidth, width) {
        guard let column = Border.reflect101.source(of: x, count: width) else { continue }
        histogram.count(row, column..<column + 1, grayLayout)
      }
    }
    return limited(histogram.counts)
  }

  private func grayRow(_ row: Int, from input: InputRows) -> UnsafeRawPointer {
    if step.input.colorChannels == 1 { return input[row] }
    gray.compute(row..<row + 1, from: input, into: line.start)
    return UnsafeRawPointer(line.start)
  }

  /// The equalizing curve of counts, limited and what was above the limit shared out.
  private func limited(_ counts: [Int]) -> [Float] {
    var counts = counts
    let total = step.tileWidth * step.tileHeight
    if step.filter.clip > 0 {
      let limit = max(1, Int(step.filter.clip * Double(total) / Double(levels)))
      var excess = 0
      for sample in counts.indices where counts[sample] > limit {
        excess += counts[sample] - limit
        counts[sample] = limit
      }
      let (share, rest) = excess.quotientAndRemainder(dividingBy: levels)
      for sample in counts.indices { counts[sample] += share }
      if rest > 0 {
        let step = max(levels / rest, 1)
        for index in 0..<rest where index * step < levels { counts[index * step] += 1 }
      }
    }
    let scale = Float(levels - 1) / Float(total)
    var sum = 0
    return counts.map { count in
      sum += count
      return min((Float(sum) * scale).rounded(.toNearestOrEven), Float(levels - 1))
    }
  }
}

/// A float sample's place in a table of 65,536.
private func place16(_ sample: Float) -> Int {
  Int(min(max(sample * 65_535, 0), 65_535).rounded(.toNearestOrEven))
}
