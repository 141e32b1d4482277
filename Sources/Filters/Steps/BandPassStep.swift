import Glibc
import Images
import LoopInterface

/// The Laplacian of a Gaussian (Marr and Hildreth 1980): the sum of both second derivatives, of the
/// sampled Gaussian up to 4 σ, as SciPy's `gaussian_laplace`. Positive in dark spots.
struct LaplacianOfGaussian: StepMaker {
  let sigma: Double
  /// Marks where the result changes its sign and by more than this; nil: the result itself.
  let zeroCrossings: Double?

  var options: Set<FilterOptions.Option> {
    zeroCrossings == nil ? [.border, .scale, .bias, .relu, .range, .alpha] : [.border, .alpha]
  }

  private var radius: Int { Int(4 * sigma + 0.5) }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    func window(_ reach: Int) throws(FilterError) -> WindowGeometry {
      try WindowGeometry(
        layout, width: 2 * reach + 1, height: 2 * reach + 1, strideX: 1, strideY: 1, padding: .same,
        border: options.border ?? .reflect)
    }
    let (inner, innerTerms) = (try window(radius), terms(reach: radius))
    guard let zeroCrossings else { return difference(of: innerTerms, options, inner, loops) }
    // One row and column more, for the neighbors that a sign is compared with.
    let (outer, outerTerms) = (try window(radius + 1), terms(reach: radius + 1))
    let makeResults: @Sendable () -> any ResultRows
    if layout.hasAlpha, options.alpha != .straight {
      let step = weighed(innerTerms, options, inner, loops)
      makeResults = { WeighedResults(step) }
    } else {
      makeResults = { SeparableResults(outerTerms, outer, loops) }
    }
    return ResultStep(options, outer, loops) {
      ZeroCrossings(makeResults(), outer.output, above: zeroCrossings)
    }
  }

  /// Both second derivatives, with noughts beyond the radius up to `reach`.
  private func terms(reach: Int) -> [SeparableResults.Term] {
    let gaussian = samples(of: sigma, radius: radius, reach: reach)
    let second = (-reach...reach).map { x in
      gaussian[x + reach] * (Double(x * x) / pow(sigma, 4) - 1 / (sigma * sigma))
    }
    return [.init(column: gaussian, row: second), .init(column: second, row: gaussian)]
  }
}

/// The difference of two Gaussians: what the first blur shows and the second does not.
struct DifferenceOfGaussians: StepMaker {
  let first: Double
  let second: Double

  var options: Set<FilterOptions.Option> { [.border, .scale, .bias, .relu, .range, .alpha] }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let weights = [GaussianWeights(sigma: first), GaussianWeights(sigma: second)]
    let reach = max(weights[0].radius, weights[1].radius)
    let rows = weights.map { weights in
      let outside = [Double](repeating: 0, count: reach - weights.radius)
      return outside + weights.all + outside
    }
    let geometry = try WindowGeometry(
      layout, width: 2 * reach + 1, height: 2 * reach + 1, strideX: 1, strideY: 1, padding: .same,
      border: options.border ?? .reflect101)
    let terms = [
      SeparableResults.Term(column: rows[0], row: rows[0]),
      SeparableResults.Term(column: rows[1].map { -$0 }, row: rows[1]),
    ]
    return difference(of: terms, options, geometry, loops)
  }
}

/// The sum of separable terms, which sees no edge in what is invisible.
private func difference(
  of terms: [SeparableResults.Term], _ options: FilterOptions, _ geometry: WindowGeometry,
  _ loops: LoopTable
) -> any RowStep {
  guard geometry.input.hasAlpha, options.alpha != .straight else {
    return ResultStep(options, geometry, loops) { SeparableResults(terms, geometry, loops) }
  }
  return weighed(terms, options, geometry, loops)
}

/// The sum of separable terms with colors weighed by alpha.
private func weighed(
  _ terms: [SeparableResults.Term], _ options: FilterOptions, _ geometry: WindowGeometry,
  _ loops: LoopTable
) -> AlphaStep {
  let step = ResultStep(options, geometry, loops) { SeparableResults(terms, geometry, loops) }
  let weights = terms.reduce(0) { $0 + $1.column.reduce(0, +) * $1.row.reduce(0, +) }
  let rule = AlphaRule.difference(
    [{ SeparableResults(terms, $0, loops) }], weights: weights, .magnitude)
  return AlphaStep(
    step, rule, geometry, loops, step.finish, normalizes: step.normalizes)
}

/// A Gaussian up to `radius` whose weights sum to 1, and noughts up to `reach`.
private func samples(of sigma: Double, radius: Int, reach: Int) -> [Double] {
  let samples = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
  let sum = samples.reduce(0, +)
  let outside = [Double](repeating: 0, count: reach - radius)
  return outside + samples.map { $0 / sum } + outside
}

/// The results of a window with colors weighed by alpha, row by row.
private final class WeighedResults: ResultRows {
  private let window: WeighedWindow
  private let channels: Int
  private let row: Scratch<Double>

  init(_ step: AlphaStep) {
    window = WeighedWindow(step)
    channels = step.output.channels
    row = Scratch(step.output.samplesPerRow, filledWith: 0)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    window.forEachTile(in: row..<row + 1, from: input) { columns, results, _ in
      (self.row.start + columns.lowerBound * channels)
        .update(from: results, count: columns.count * channels)
    }
    return UnsafePointer(self.row.start)
  }
}

/// White where results change their sign: at a negative one beside, above or below a positive one, if
/// they differ by more than a threshold, and at a nought between the two where those differ by
/// more than twice that.
private final class ZeroCrossings: ResultRows {
  private let results: any ResultRows
  private let layout: PixelLayout
  private let above: Double
  /// Rows r at the place r modulo 3.
  private let ring: Scratch<Double>
  private var rowAt = [-1, -1, -1]
  private let output: Scratch<Double>

  init(_ results: any ResultRows, _ layout: PixelLayout, above: Double) {
    self.results = results
    self.layout = layout
    self.above = above
    ring = Scratch(3 * layout.samplesPerRow, filledWith: 0)
    output = Scratch(layout.samplesPerRow, filledWith: 0)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let (count, channels) = (layout.samplesPerRow, layout.channels)
    let middle = held(row, from: input)
    let neighbors = [row - 1, row + 1].map { row in
      row >= 0 && row < layout.height ? held(row, from: input) : nil
    }
    for x in 0..<count {
      let left = x >= channels ? middle[x - channels] : nil
      let right = x + channels < count ? middle[x + channels] : nil
      let isCrossing =
        crosses(middle[x], left, right) || crosses(middle[x], neighbors[0]?[x], neighbors[1]?[x])
      output.start[x] = isCrossing ? layout.sample.white : 0
    }
    return UnsafePointer(output.start)
  }

  private func crosses(_ value: Double, _ before: Double?, _ after: Double?) -> Bool {
    if value < 0 {
      return [before, after].contains { other in
        other.map { $0 > 0 && $0 - value > above } ?? false
      }
    }
    guard value == 0, let before, let after, before * after < 0 else { return false }
    return (before - after).magnitude > 2 * above
  }

  private func held(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let start = ring.start + row % 3 * layout.samplesPerRow
    if rowAt[row % 3] != row {
      rowAt[row % 3] = row
      start.update(from: results.results(row, from: input), count: layout.samplesPerRow)
    }
    return UnsafePointer(start)
  }
}
