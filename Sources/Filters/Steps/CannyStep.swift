import Images
import LoopInterface

/// Canny's edge detector (“A computational approach to edge detection”, 1986), as OpenCV computes it:
/// white where the gradient is largest across an edge and above `low`, if what it belongs to exceeds
/// `high` somewhere. Of colors the one with the strongest gradient counts. A pixel counts as much as it is
/// visible, and for the rest has the color of the window's center, so that no edge is seen in what is invisible.
struct Canny: StepMaker {
  let low: Double
  let high: Double
  /// The side of Sobel's kernels: 3, 5 or 7.
  let aperture: Int
  /// Whether a gradient's length is √(x² + y²) rather than |x| + |y|.
  let isEuclidean: Bool

  var options: Set<FilterOptions.Option> { [.border, .alpha] }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let geometry = try WindowGeometry(
      layout, width: aperture, height: aperture, strideX: 1, strideY: 1, padding: .same,
      border: options.border ?? .replicate)
    var hasConstantBorder = false
    if case .constant = geometry.border { hasConstantBorder = true }
    let candidates = CannyCandidates(
      geometry: geometry, filter: self, loops: loops,
      weighs: layout.hasAlpha && options.alpha != .straight && !hasConstantBorder)
    return ComposedStep(candidates, HysteresisStep(candidates.output, sample: layout.sample))
  }

  /// The thresholds as they are compared with lengths (with their squares where it is Euclidean): of
  /// whole samples whole ones.
  func limits(of sample: SampleType) -> (low: Double, high: Double) {
    var (low, high) = (min(low, high), max(low, high))
    if sample != .float32 {
      if aperture == 7 { (low, high) = (low / 16, high / 16) }
      if isEuclidean, sample == .uint8 { (low, high) = (min(low, 32_767), min(high, 32_767)) }
    }
    if isEuclidean { (low, high) = (low * low, high * high) }
    return sample == .float32 ? (low, high) : (low.rounded(.down), high.rounded(.down))
  }
}

/// Codes of pixels: 2 for what is an edge for sure, 1 for what is one where it touches such, else 0.
struct CannyCandidates: RowStep {
  let geometry: WindowGeometry
  let filter: Canny
  let loops: LoopTable
  /// Whether colors are weighed by alpha. A constant border, of one number, has none.
  let weighs: Bool

  var input: PixelLayout { geometry.input }
  var output: PixelLayout {
    PixelLayout(width: input.width, height: input.height, channels: 1)
  }
  var needsWholeImage: Bool { geometry.needsWholeImage }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    // The rows above and below are compared with, too.
    geometry.inputRows(
      for: max(0, rows.lowerBound - 1)..<min(input.height, rows.upperBound + 1))
  }

  func makeWorker() -> any RowWorker {
    let isFast = input.sample == .uint8 && filter.aperture == 3 && !filter.isEuclidean
    return isFast ? CannyByteWorker(self) : CannyDoubleWorker(self)
  }
}

/// The derivatives of three rows and their magnitudes, with a nought on both sides of a row; rows outside of the
/// image are noughts.
final class CannyGradients<Number: BitwiseCopyable, Magnitude: BitwiseCopyable> {
  private let length: Int
  private let derivatives: Scratch<Number>
  private let magnitudes: Scratch<Magnitude>
  private let outside: Scratch<Magnitude>
  private var rowAt = [-1, -1, -1]

  init(width: Int, zero: Number, zeroMagnitude: Magnitude) {
    length = width + 2
    derivatives = Scratch(6 * length, filledWith: zero)
    magnitudes = Scratch(3 * length, filledWith: zeroMagnitude)
    outside = Scratch(length, filledWith: zeroMagnitude)
  }

  func holds(_ row: Int) -> Bool { rowAt[row % 3] == row }

  /// Where the numbers of a row belong, which it holds from now on.
  func place(_ row: Int) -> (
    x: UnsafeMutablePointer<Number>, y: UnsafeMutablePointer<Number>,
    magnitudes: UnsafeMutablePointer<Magnitude>
  ) {
    rowAt[row % 3] = row
    let start = derivatives.start + row % 3 * 2 * length
    return (start, start + length, magnitudes.start + row % 3 * length + 1)
  }

  func x(_ row: Int) -> UnsafePointer<Number> {
    UnsafePointer(derivatives.start) + row % 3 * 2 * length
  }
  func y(_ row: Int) -> UnsafePointer<Number> { x(row) + length }

  func magnitudes(_ row: Int, _ height: Int) -> UnsafePointer<Magnitude> {
    guard row >= 0, row < height else { return UnsafePointer(outside.start) + 1 }
    return UnsafePointer(magnitudes.start) + row % 3 * length + 1
  }
}
