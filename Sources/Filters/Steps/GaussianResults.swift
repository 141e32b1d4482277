import Glibc
import LoopInterface

/// The weights of a Gaussian along one axis, which sum to 1.
struct GaussianWeights: Sendable {
  /// Weights at the distances 0…`radius`.
  let weights: [Double]
  var radius: Int { weights.count - 1 }
  /// All 2 · `radius` + 1 weights, from one side to the other.
  var all: [Double] { weights.dropFirst().reversed() + weights }

  /// Samples `exp(−x² / 2σ²)` up to 3σ (the window that OpenCV takes for 8-bit images).
  init(sigma: Double) {
    let window = Int((6 * sigma + 1).rounded(.toNearestOrEven)) | 1
    let samples = (0...window / 2).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = samples[0] + 2 * samples.dropFirst().reduce(0, +)
    weights = samples.map { $0 / sum }
  }

  /// The weights that OpenCV takes for a window of `size` pixels whose sigma is not told: up to 7
  /// binomial ones, from then on those of 0.15 · `size` + 0.35.
  init(size: Int) {
    let small = [[1], [0.5, 0.25], [0.375, 0.25, 0.0625], [0.28125, 0.21875, 0.109375, 0.03125]]
    if size / 2 < small.count {
      weights = small[size / 2]
      return
    }
    let sigma = 0.15 * Double(size) + 0.35
    let samples = (0...size / 2).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = samples[0] + 2 * samples.dropFirst().reduce(0, +)
    weights = samples.map { $0 / sum }
  }
}

/// The correlation with a Gaussian, first down the columns and then along the row, in `Double`.
final class GaussianResults: ResultRows {
  private let geometry: WindowGeometry
  private let rows: PaddedRows<Double>
  private let vertical: WeightedSum<Double>
  private let horizontal: WeightedSum<Double>
  /// Sums of the columns, extended by the border on both sides: a constant is its own sum, since the
  /// weights sum to 1.
  private let columnSums: Scratch<Double>
  private let insidePlace: Int
  private let extensionMap: ExtensionMap
  private let output: Scratch<Double>
  private let count: Int

  init(_ weights: GaussianWeights, _ geometry: WindowGeometry, _ loops: LoopTable) {
    self.geometry = geometry
    let channels = geometry.input.channels
    let reader = SampleReader(layout: geometry.input, loops: loops)
    rows = reader.doubleRows(geometry, held: geometry.rows.window, extendsColumns: false)
    extensionMap = ExtensionMap(geometry)
    let row = Kernel([weights.all])
    vertical = WeightedSum(
      row.transposed, channels: channels, zero: 0, loop: loops.rows.weightedSumDouble
    ) { $0 }
    horizontal = WeightedSum(
      row, channels: channels, zero: 0, loop: loops.rows.weightedSumDouble
    ) { $0 }
    let columns = geometry.columns
    let columnCount = columns.before + geometry.input.width + columns.after
    count = (columnCount - 2 * weights.radius) * channels
    insidePlace = columns.before * channels
    columnSums = Scratch(
      columnCount * channels, filledWith: reader.borderValue(geometry.border))
    output = Scratch(count, filledWith: 0)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let first = row * geometry.rows.stride - geometry.rows.before
    vertical.compute(rows.count, into: columnSums.start + insidePlace) {
      rows.row(first + $0, from: input)
    }
    extensionMap.extend(columnSums.start)
    let columnSums = UnsafePointer(columnSums.start)
    horizontal.compute(count, into: output.start) { _ in columnSums }
    return UnsafePointer(output.start)
  }
}
