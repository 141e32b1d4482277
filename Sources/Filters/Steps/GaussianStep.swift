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
  private let extensionMap: ExtensionMap
  private let weights: Scratch<Float>
  private let before: Scratch<UnsafePointer<UInt8>>
  private let after: Scratch<UnsafePointer<UInt8>>
  /// Sums of the columns, extended by the border on both sides, and of the row.
  private let columnSums: Scratch<Float>
  private let rowSums: Scratch<Float>

  init(_ step: GaussianStep) {
    self.step = step
    border = BorderRows(step.input, step.geometry.border)
    extensionMap = ExtensionMap(step.geometry)
    weights = Scratch(step.weights.weights.count, filledWith: 0)
    for (index, weight) in step.weights.weights.enumerated() {
      weights.start[index] = Float(weight)
    }
    let nowhere = Scratch<UInt8>(1, filledWith: 0)
    before = Scratch(step.weights.radius, filledWith: UnsafePointer(nowhere.start))
    after = Scratch(step.weights.radius, filledWith: UnsafePointer(nowhere.start))
    let columns = step.geometry.columns
    columnSums = Scratch(
      (columns.before + step.input.width + columns.after) * step.input.channels,
      filledWith: Float(border.value))
    rowSums = Scratch(step.output.samplesPerRow, filledWith: 0)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let (radius, channels) = (step.weights.radius, step.input.channels)
    for row in rows {
      let centre = step.geometry.rows.centre(of: row)
      for distance in 1..<radius + 1 {
        before.start[distance - 1] = border.row(centre - distance, from: input)
        after.start[distance - 1] = border.row(centre + distance, from: input)
      }
      step.loops.columns(
        border.row(centre, from: input), before.start, after.start, weights.start, radius,
        step.input.samplesPerRow,
        columnSums.start + step.geometry.columns.before * channels)
      extensionMap.extend(columnSums.start)
      let place = samples + (row - rows.lowerBound) * step.output.samplesPerRow
      step.loops.row(
        columnSums.start + radius * channels, channels, weights.start, radius,
        step.output.samplesPerRow, rowSums.start, place)
      if step.output.hasAlpha {
        copyLastChannel(
          step.output, from: input[centre], into: place, step.geometry.columns.centre)
      }
    }
  }
}
