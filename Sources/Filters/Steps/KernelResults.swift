import LoopInterface

/// The correlation with a kernel: whole weights in `Int32` where no sum can overflow it, everything
/// else in `Double`.
final class KernelResults: ResultRows {
  private enum Sums {
    case int32(PaddedRows<Int32>, WeightedSum<Int32>, Scratch<Int32>)
    case double(PaddedRows<Double>, WeightedSum<Double>)
  }

  private let geometry: WindowGeometry
  private let loops: LoopTable
  private let count: Int
  private let sums: Sums
  private let output: Scratch<Double>

  init(_ kernel: Kernel, _ geometry: WindowGeometry, _ loops: LoopTable) {
    self.geometry = geometry
    self.loops = loops
    let reader = SampleReader(layout: geometry.input, loops: loops)
    let columns = geometry.columns
    count =
      (columns.before + geometry.input.width + columns.after - kernel.width + 1)
      * geometry.input.channels
    output = Scratch(count, filledWith: 0)
    if let maximum = geometry.input.sample.maximum,
      kernel.isInteger(samplesTo: maximum, within: Double(Int32.max))
    {
      sums = .int32(
        reader.int32Rows(geometry, held: geometry.rows.window),
        WeightedSum(
          kernel, channels: geometry.input.channels, zero: 0, loop: loops.rows.weightedSumInt32
        ) { Int32($0) },
        Scratch(count, filledWith: 0))
    } else {
      sums = .double(
        reader.doubleRows(geometry, held: geometry.rows.window, extendsColumns: true),
        WeightedSum(
          kernel, channels: geometry.input.channels, zero: 0, loop: loops.rows.weightedSumDouble
        ) { $0 })
    }
  }

  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double> {
    let first = row * geometry.rows.stride - geometry.rows.before
    switch sums {
    case .int32(let rows, let sum, let sums):
      sum.compute(count, into: sums.start) { rows.row(first + $0, from: input) }
      loops.samples.doubleFromInt32(sums.start, count, output.start)
    case .double(let rows, let sum):
      sum.compute(count, into: output.start) { rows.row(first + $0, from: input) }
    }
    return UnsafePointer(output.start)
  }
}

/// A kernel's weights that are not 0, and the loop that sums with them.
struct WeightedSum<Number: BitwiseCopyable> {
  private let taps: [(row: Int, offset: Int)]
  private let weights: Scratch<Number>
  private let pointers: Scratch<UnsafePointer<Number>>
  private let loop: RowLoops.WeightedSum<Number>

  init(
    _ kernel: Kernel, channels: Int, zero: Number, loop: @escaping RowLoops.WeightedSum<Number>,
    number: (Double) -> Number
  ) {
    var taps: [(row: Int, offset: Int)] = []
    var values: [Number] = []
    for row in 0..<kernel.height {
      for column in 0..<kernel.width where kernel[row, column] != 0 {
        taps.append((row, column * channels))
        values.append(number(kernel[row, column]))
      }
    }
    self.taps = taps
    self.loop = loop
    weights = Scratch(values.count, filledWith: zero)
    for (index, value) in values.enumerated() { weights.start[index] = value }
    pointers = Scratch(values.count, filledWith: UnsafePointer(weights.start))
  }

  /// Sums `count` windows; `row` gives the rows under them.
  func compute(
    _ count: Int, into output: UnsafeMutablePointer<Number>, row: (Int) -> UnsafePointer<Number>
  ) {
    for (index, tap) in taps.enumerated() {
      pointers.start[index] = row(tap.row) + tap.offset
    }
    loop(pointers.start, weights.start, taps.count, count, output)
  }
}
