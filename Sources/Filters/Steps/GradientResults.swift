import Glibc
import LoopInterface

/// What is shown of the correlations with a gradient's x and y kernels.
final class GradientResults: ResultRows {
  private let x: KernelResults
  private let y: KernelResults
  private let direction: GradientDirection
  private let wholeTurn: Double
  private let loops: LoopTable
  private let count: Int
  private let output: Scratch<Double>

  init(
    smooth: [Int], derive: [Int], _ direction: GradientDirection, _ geometry: WindowGeometry,
    _ loops: LoopTable
  ) {
    let kernel = Kernel.product(column: smooth, row: derive)
    x = KernelResults(kernel, geometry, loops)
    y = KernelResults(kernel.transposed, geometry, loops)
    self.direction = direction
    self.loops = loops
    wholeTurn = (geometry.input.sample.maximum ?? 0) + 1
    let columns = geometry.columns
    count =
      (columns.before + geometry.input.width + columns.after - kernel.width + 1)
      * geometry.input.channels
    output = Scratch(count, filledWith: 0)
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    switch direction {
    case .x: return x.results(row, from: input)
    case .y: return y.results(row, from: input)
    case .magnitude:
      loops.rows.magnitude(
        x.results(row, from: input), y.results(row, from: input), count, output.start)
    case .angle:
      let (x, y) = (x.results(row, from: input), y.results(row, from: input))
      for index in 0..<count {
        output.start[index] = Self.angle(x[index], y[index], wholeTurn: wholeTurn)
      }
    }
    return UnsafePointer(output.start)
  }

  /// Where the image gets brighter: the kernels are positive where it darkens.
  static func angle(_ x: Double, _ y: Double, wholeTurn: Double) -> Double {
    let turn = atan2(0 - y, 0 - x) / (2 * Double.pi)
    return (turn < 0 ? turn + 1 : turn) * wholeTurn
  }
}
