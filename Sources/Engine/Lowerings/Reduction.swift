import Graphs
import LoopInterface

/// A reduction over some extents of an array in memory.
struct Reduction {
  private let kind: Reduce.Kind
  /// The array's extents, neighbors that are treated alike joined; kept and reduced alternate.
  private let extents: [Int]
  private let isReduced: [Bool]
  private let strides: [Int]
  private let scale: Float
  /// Kept extents and reduced extents without the innermost of all.
  private let outerKept: [Int]
  private let outerReduced: [Int]

  init(_ kind: Reduce.Kind, _ extents: [Int], _ reduced: [Bool], elements: Int) {
    self.kind = kind
    var joined: [Int] = []
    var flags: [Bool] = []
    for (extent, flag) in zip(extents, reduced) where extent != 1 {
      if flags.last == flag {
        joined[joined.count - 1] *= extent
      } else {
        joined.append(extent)
        flags.append(flag)
      }
    }
    if joined.isEmpty { (joined, flags) = ([1], [false]) }
    self.extents = joined
    isReduced = flags
    var strides = [Int](repeating: 1, count: joined.count)
    for axis in (0..<joined.count - 1).reversed() {
      strides[axis] = strides[axis + 1] * joined[axis + 1]
    }
    self.strides = strides
    let kept = zip(joined, flags).filter { !$1 }.map(\.0).reduce(1, *)
    scale = kind == .mean ? Float(1) / Float(max(1, elements / max(1, kept))) : 1
    let last = joined.count - 1
    outerKept = joined.indices.filter { !flags[$0] && $0 != last }
    outerReduced = joined.indices.filter { flags[$0] && $0 != last }
  }

  /// Whether everything becomes one number.
  var isTotal: Bool { extents.count == 1 && isReduced[0] }

  private var identity: Float {
    switch kind {
    case .sum, .mean: 0
    case .product: 1
    case .max: -.infinity
    case .min: .infinity
    }
  }

  private func fold(
    _ values: UnsafePointer<Float>, _ count: Int, _ loops: TensorLoops
  ) -> Float {
    switch kind {
    case .sum, .mean: loops.sum(values, count)
    case .product: loops.product(values, count)
    case .max: loops.maximum(values, count)
    case .min: loops.minimum(values, count)
    }
  }

  private var combination: TileOperation {
    switch kind {
    case .sum, .mean: .add
    case .product: .multiply
    case .max: .maximum
    case .min: .minimum
    }
  }

  /// The place in memory of a combination of the given extents, counted in row-major order.
  private func offset(_ combination: Int, over axes: [Int]) -> Int {
    var (rest, offset) = (combination, 0)
    for axis in axes.reversed() {
      offset += rest % extents[axis] * strides[axis]
      rest /= extents[axis]
    }
    return offset
  }

  // Source and target hold as many floats as the extents say; all offsets lie within.

  /// One number: parts of fixed size first, so that the number of threads does not matter.
  func total(
    _ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    loops: TensorLoops, threads: Int
  ) -> any Step {
    let (count, size) = (extents[0], 8192)
    let partials = Scratch(floats: (count + size - 1) / size)
    let work = ParallelWork { part, parts in
      for index in share(partials.count, part: part, parts: parts) {
        let start = index * size
        partials.address[index] = fold(source + start, min(size, count - start), loops)
      }
    }
    return LoopStep {
      work.run(threads: threads)
      target[0] = fold(partials.address, partials.count, loops) * scale
    }
  }

  func run(
    _ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    loops: TensorLoops, part: Int, parts: Int
  ) {
    let last = extents.count - 1
    let keptCount = outerKept.map { extents[$0] }.reduce(1, *)
    let reducedCount = outerReduced.map { extents[$0] }.reduce(1, *)
    if isReduced[last] {
      for index in share(keptCount, part: part, parts: parts) {
        let base = source + offset(index, over: outerKept)
        var total = identity
        for other in 0..<reducedCount {
          let value = fold(base + offset(other, over: outerReduced), extents[last], loops)
          total = combine(total, value)
        }
        target[index] = total * scale
      }
      return
    }
    let columns = 256
    let chunks = (extents[last] + columns - 1) / columns
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * columns) { memory in
      guard let sums = memory.baseAddress else { return }
      for unit in share(keptCount * chunks, part: part, parts: parts) {
        let (row, start) = (unit / chunks, unit % chunks * columns)
        let count = min(columns, extents[last] - start)
        let base = source + offset(row, over: outerKept) + start
        addColumns(base, count, sums, sums + columns, loops: loops)
        loops.tile(
          .affine, target + row * extents[last] + start, sums, sums, sums, count, scale, 0)
      }
    }
  }

  /// Reduces all rows of `count` columns into `results`.
  private func addColumns(
    _ base: UnsafePointer<Float>, _ count: Int, _ results: UnsafeMutablePointer<Float>,
    _ partial: UnsafeMutablePointer<Float>, loops: TensorLoops
  ) {
    results.update(repeating: identity, count: count)
    guard let rows = outerReduced.last else {
      return results.update(from: base, count: count)
    }
    let outer = Array(outerReduced.dropLast())
    for other in 0..<outer.map({ extents[$0] }).reduce(1, *) {
      let start = base + offset(other, over: outer)
      if combination == .add {
        // Sums of sums lose less than one long sum.
        partial.update(repeating: 0, count: count)
        loops.addRows(partial, start, extents[rows], strides[rows], count)
        loops.tile(.add, results, results, partial, partial, count, 0, 0)
      } else {
        for row in 0..<extents[rows] {
          let values = start + row * strides[rows]
          loops.tile(combination, results, results, values, values, count, 0, 0)
        }
      }
    }
  }

  private func combine(_ a: Float, _ b: Float) -> Float {
    switch kind {
    case .sum, .mean: a + b
    case .product: a * b
    case .max: b > a || b != b ? b : a
    case .min: b < a || b != b ? b : a
    }
  }
}
