import Images
import LoopInterface

/// Small operators of edges that are no correlation with one kernel.
struct EdgeOperator: StepMaker {
  enum Kind { case roberts, kirsch }

  let kind: Kind

  var options: Set<FilterOptions.Option> { [.border, .padding, .scale, .bias, .relu, .range] }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let (kind, side) = (kind, kind == .roberts ? 2 : 3)
    let geometry = try WindowGeometry(
      layout, width: side, height: side, strideX: 1, strideY: 1,
      padding: options.padding ?? .same, border: options.border ?? .reflect101)
    return ResultStep(options, geometry, loops) { EdgeResults(kind, geometry, loops) }
  }
}

private final class EdgeResults: ResultRows {
  private let kind: EdgeOperator.Kind
  private let geometry: WindowGeometry
  private let rows: PaddedRows<Double>
  private let output: Scratch<Double>
  private let count: Int

  init(_ kind: EdgeOperator.Kind, _ geometry: WindowGeometry, _ loops: LoopTable) {
    self.kind = kind
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
    switch kind {
    case .roberts:
      for x in 0..<count {
        let falling = above[x] - middle[x + step]
        let rising = above[x + step] - middle[x]
        output.start[x] = (falling * falling + rising * rising).squareRoot()
      }
    case .kirsch:
      let below = rows.row(first + 2, from: input)
      for x in 0..<count {
        // Clockwise around the pixel; each kernel weighs three of them in turn by 5, the others by −3.
        let (a, b, c, d) = (above[x], above[x + step], above[x + 2 * step], middle[x + 2 * step])
        let (e, f, g, h) = (below[x + 2 * step], below[x + step], below[x], middle[x])
        let sum = a + b + c + d + e + f + g + h
        let half = max(max(a + b + c, b + c + d), max(c + d + e, d + e + f))
        let most = max(half, max(max(e + f + g, f + g + h), max(g + h + a, h + a + b)))
        output.start[x] = 8 * most - 3 * sum
      }
    }
    return UnsafePointer(output.start)
  }
}
