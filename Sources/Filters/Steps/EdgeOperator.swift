import Images
import LoopInterface

/// Small operators of edges that are no correlation with one kernel.
struct EdgeOperator: StepMaker {
  enum Kind { case roberts, kirsch }

  let kind: Kind

  var options: Set<FilterOptions.Option> {
    [.border, .padding, .scale, .bias, .relu, .range, .alpha]
  }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let (kind, side) = (kind, kind == .roberts ? 2 : 3)
    let geometry = try WindowGeometry(
      layout, width: side, height: side, strideX: 1, strideY: 1,
      padding: options.padding ?? .same, border: options.border ?? .reflect101)
    let weighs = layout.hasAlpha && options.alpha != .straight
    return ResultStep(options, geometry, loops) {
      EdgeResults(kind, geometry, loops, weighs: weighs)
    }
  }
}

private final class EdgeResults: ResultRows {
  private let kind: EdgeOperator.Kind
  private let geometry: WindowGeometry
  private let rows: PaddedRows<Double>
  private let output: Scratch<Double>
  private let count: Int
  /// Whether a pixel counts as much as it is visible, and for the rest has the color of the window's
  /// center, so that no edge is seen in what is invisible.
  private let weighs: Bool

  init(
    _ kind: EdgeOperator.Kind, _ geometry: WindowGeometry, _ loops: LoopTable, weighs: Bool
  ) {
    self.kind = kind
    self.weighs = weighs
    self.geometry = geometry
    let window = geometry.columns.window
    rows = SampleReader(layout: geometry.input, loops: loops).doubleRows(
      geometry, held: window, extendsColumns: true)
    count = rows.count - (window - 1) * geometry.input.channels
    output = Scratch(count, filledWith: 0)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let first = row - geometry.rows.before
    let step = geometry.input.channels
    let (above, middle) = (rows.row(first, from: input), rows.row(first + 1, from: input))
    let below = kind == .kirsch ? rows.row(first + 2, from: input) : middle
    if weighs {
      weighedResults(above, middle, below)
      return UnsafePointer(output.start)
    }
    switch kind {
    case .roberts:
      for x in 0..<count {
        output.start[x] = roberts(above[x], above[x + step], middle[x], middle[x + step])
      }
    case .kirsch:
      for x in 0..<count {
        output.start[x] = kirsch(
          above[x], above[x + step], above[x + 2 * step], middle[x + 2 * step],
          below[x + 2 * step], below[x + step], below[x], middle[x])
      }
    }
    return UnsafePointer(output.start)
  }

  /// Both windows have their center a row below and a pixel beside their corner.
  private func weighedResults(
    _ above: UnsafePointer<Double>, _ middle: UnsafePointer<Double>, _ below: UnsafePointer<Double>
  ) {
    let (step, last) = (geometry.input.channels, geometry.input.colorChannels)
    let white = geometry.input.sample.white
    for pixel in stride(from: 0, to: count, by: step) {
      let isVisible = middle[pixel + step + last] > 0
      for x in pixel..<pixel + last {
        let center = middle[x + step]
        func seen(_ row: UnsafePointer<Double>, _ column: Int) -> Double {
          let place = column * step
          return center
            + (row[x + place] - center) * (row[pixel + place + last] / white)
        }
        let result: Double =
          switch kind {
          case .roberts: roberts(seen(above, 0), seen(above, 1), seen(middle, 0), center)
          case .kirsch:
            kirsch(
              seen(above, 0), seen(above, 1), seen(above, 2), seen(middle, 2), seen(below, 2),
              seen(below, 1), seen(below, 0), seen(middle, 0))
          }
        output.start[x] = isVisible ? result : 0
      }
      output.start[pixel + last] = 0
    }
  }
}

/// The length of the two diagonal differences.
@inline(__always)
private func roberts(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
  let (falling, rising) = (a - d, b - c)
  return (falling * falling + rising * rising).squareRoot()
}

/// Of the pixels clockwise around one; each kernel weighs three of them in turn by 5, the others by −3.
@inline(__always)
private func kirsch(
  _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double, _ g: Double,
  _ h: Double
) -> Double {
  let sum = a + b + c + d + e + f + g + h
  let half = max(max(a + b + c, b + c + d), max(c + d + e, d + e + f))
  let most = max(half, max(max(e + f + g, f + g + h), max(g + h + a, h + a + b)))
  return 8 * most - 3 * sum
}
