import Images
import LoopInterface

/// The Gaussian blur of 8-bit images, stride 1: along the rows, then down the columns, in `Float`,
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

  /// A window with weights of its own, for 8-bit images.
  init(_ weights: GaussianWeights, _ geometry: WindowGeometry, _ loops: LoopTable) {
    self.weights = weights
    self.geometry = geometry
    self.loops = loops.gaussian
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
  private let bands: [GaussianBand]

  /// What the sums of a band may take, so that they stay in the second-level cache.
  private static let bandBytes = 1 << 19

  init(_ step: GaussianStep) {
    self.step = step
    let border = BorderRows(step.input, step.geometry.border)
    self.border = border
    let pixelBytes = GaussianBand.rowsHeld(step) * step.input.channels * MemoryLayout<Float>.stride
    let bandWidth = max(256, GaussianWorker.bandBytes / pixelBytes)
    let width = step.output.width
    bands = stride(from: 0, to: width, by: bandWidth).map { left in
      GaussianBand(step, columns: left..<min(width, left + bandWidth), constant: border.value)
    }
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    for band in bands {
      band.compute(rows, from: input, border, into: samples)
    }
    guard step.output.hasAlpha else { return }
    for row in rows {
      copyLastChannel(
        step.output, from: input[step.geometry.rows.center(of: row)],
        into: samples + (row - rows.lowerBound) * step.output.samplesPerRow,
        step.geometry.columns.center)
    }
  }
}
