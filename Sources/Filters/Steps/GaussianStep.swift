import Images
import LoopInterface

/// The Gaussian blur of 8-bit images, stride 1: down the columns, then along the row, in `Float`,
/// whose rounding errors move about one in 100,000 results across a rounding bound.
struct GaussianStep: RowStep {
  let geometry: WindowGeometry
  let loops: GaussianLoops
  let weights: GaussianWeights

  /// Nil where the operation, the options or the layout need another step.
  init?(
    _ operation: Operation, _ options: FilterOptions, _ geometry: WindowGeometry, _ loops: LoopTable
  ) {
    guard case .gaussian(let sigma) = operation, geometry.input.sample == .uint8,
      geometry.columns.stride == 1, options.range == .clamped, options.scale == 1,
      options.bias == 0
    else { return nil }
    self.geometry = geometry
    self.loops = loops.gaussian
    weights = GaussianWeights(sigma: sigma)
  }

  var input: PixelLayout { geometry.input }
  var output: PixelLayout { geometry.output }
  var needsWholeImage: Bool { geometry.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { geometry.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { GaussianWorker(self) }
}

private final class GaussianWorker: RowWorker {
  private let step: GaussianStep
  private let border: BorderRows
  private let weights: Scratch<Float>
  private let before: Scratch<UnsafePointer<UInt8>>
  private let after: Scratch<UnsafePointer<UInt8>>
  /// The same rows where a tile begins.
  private let beforeTile: Scratch<UnsafePointer<UInt8>>
  private let afterTile: Scratch<UnsafePointer<UInt8>>
  /// Pixels that are computed at a time, so that their sums stay in the first-level cache.
  private let tileWidth: Int
  /// Sums of the columns under a tile's windows, and of its windows.
  private let columnSums: Scratch<Float>
  private let rowSums: Scratch<Float>

  init(_ step: GaussianStep) {
    self.step = step
    border = BorderRows(step.input, step.geometry.border)
    weights = Scratch(step.weights.radius + 1, filledWith: 0)
    for (index, weight) in step.weights.weights.enumerated() {
      weights.start[index] = Float(weight)
    }
    let (radius, channels) = (step.weights.radius, step.input.channels)
    tileWidth = max(1, min(step.output.width, 3_072 / channels))
    columnSums = Scratch((tileWidth + 2 * radius) * channels, filledWith: 0)
    rowSums = Scratch(tileWidth * channels, filledWith: 0)
    before = Scratch(radius, filledWith: border.anyRow)
    after = Scratch(radius, filledWith: border.anyRow)
    beforeTile = Scratch(radius, filledWith: border.anyRow)
    afterTile = Scratch(radius, filledWith: border.anyRow)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let radius = step.weights.radius
    for row in rows {
      let centre = step.geometry.rows.centre(of: row)
      for distance in 1..<radius + 1 {
        before.start[distance - 1] = border.row(centre - distance, from: input)
        after.start[distance - 1] = border.row(centre + distance, from: input)
      }
      let place = samples + (row - rows.lowerBound) * step.output.samplesPerRow
      let source = border.row(centre, from: input)
      var left = 0
      while left < step.output.width {
        let columns = left..<min(step.output.width, left + tileWidth)
        blur(columns, of: source, into: place + left * step.output.channels)
        left = columns.upperBound
      }
      if step.output.hasAlpha {
        copyLastChannel(
          step.output, from: input[centre], into: place, step.geometry.columns.centre)
      }
    }
  }
  /// Computes a tile of an output row, the pointers to the rows around it being set.
  private func blur(
    _ columns: Range<Int>, of source: UnsafePointer<UInt8>,
    into output: UnsafeMutablePointer<UInt8>
  ) {
    let (radius, channels, width) = (step.weights.radius, step.input.channels, step.input.width)
    let under = step.geometry.columns.indices(under: columns)
    let inside = under.clamped(to: 0..<width)
    sumColumns(inside, of: source, at: inside.lowerBound - under.lowerBound)
    // Beyond the edges: the sum of the column that stands for this one.
    for outside in [under.lowerBound..<inside.lowerBound, inside.upperBound..<under.upperBound] {
      for column in outside {
        let place = column - under.lowerBound
        guard let pixel = step.geometry.border.source(of: column, count: width) else {
          let constant = Float(border.value)
          (columnSums.start + place * channels).update(repeating: constant, count: channels)
          continue
        }
        if inside.contains(pixel) {
          (columnSums.start + place * channels).update(
            from: columnSums.start + (pixel - under.lowerBound) * channels, count: channels)
        } else {
          sumColumns(pixel..<pixel + 1, of: source, at: place)
        }
      }
    }
    step.loops.row(
      columnSums.start + radius * channels, channels, weights.start, radius,
      columns.count * channels, rowSums.start, output)
  }

  /// Sums these columns of the image into the places of the tile that begin with `place`.
  private func sumColumns(_ columns: Range<Int>, of source: UnsafePointer<UInt8>, at place: Int) {
    let (radius, channels) = (step.weights.radius, step.input.channels)
    let first = columns.lowerBound * channels
    for index in 0..<radius {
      beforeTile.start[index] = before.start[index] + first
      afterTile.start[index] = after.start[index] + first
    }
    step.loops.columns(
      source + first, beforeTile.start, afterTile.start, weights.start, radius,
      columns.count * channels, columnSums.start + place * channels)
  }
}
