import Engine
import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct StructureTests {
  @Test(
    arguments: [
      ([7], [0]), ([4, 5], [0]), ([4, 5], [1]), ([3, 4, 5], [1]), ([3, 4, 5], [0, 2]),
      ([2, 3, 4, 5], [0, 2, 3]), ([2, 3, 4, 5], [1, 2]), ([6, 300, 7], [0, 2]), ([40_000], [0]),
      ([3, 1, 5], [1]), ([2, 700], [0]),
    ] as [([Int], [Int])])
  func reduce(_ dimensions: [Int], axes: [Int]) throws {
    for kind in [Reduce.Kind.sum, .mean, .max, .min] {
      var comparison = Comparison()
      let x = try comparison.input(Shape(dimensions))
      let y = try x.reduced(kind, axes: axes)
      try comparison.expect([y, x.reduced(kind, axes: axes, keepsAxes: true)], tolerance: 2e-6)
    }
    var comparison = Comparison()
    let x = try comparison.input(Shape(dimensions), from: 0.999, to: 1.001)
    try comparison.expect([x.reduced(.product, axes: axes)], tolerance: 1e-4)
  }

  @Test(arguments: [3, 16, 20], [[2, 3], [0, 2, 3], [0, 1, 2, 3], [0], [1, 2, 3]])
  func reduceOfBlockedImages(channels: Int, axes: [Int]) throws {
    for kind in [Reduce.Kind.sum, .mean, .max] {
      var comparison = Comparison()
      let x = try comparison.input([2, channels, 5, 6], from: -2, to: -0.5)
      let w = try comparison.input([channels, channels, 1, 1], from: 0, to: 1)
      let y = try x.applying(Convolution(), w).reduced(kind, axes: axes)
      let gradient = try comparison.graph.gradients(of: y.map(.square).sum(), withRespectTo: [x])
      try comparison.expect([y] + gradient)
    }
  }

  @Test(arguments: [3, 20, 32])
  func blockedImagesThroughElementwiseOperations(channels: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, channels, 5, 6])
    let w = try comparison.input([channels, channels, 1, 1])
    let bias = try comparison.input([channels])
    let gate = try comparison.input([2, channels, 1, 1])
    let map = try comparison.input([2, 1, 5, 6])
    let row = try comparison.input([6])
    let y = try x.applying(Convolution(), w).applying(BiasAdd(), bias)
    let z = try (y.map(.exp) * gate + map * row).map(.sigmoid) + y
    let again = try z.applying(Convolution(), w)
    try comparison.expect([again, z, z.reshaped(to: [2, channels * 30])])
  }

  @Test(arguments: [Scatter.Kind.replace, .add, .multiply, .maximum, .minimum])
  func scatter(_ kind: Scatter.Kind) throws {
    for inner: [Int] in [[], [1], [37], [2, 3]] {
      var comparison = Comparison()
      let x = try comparison.input(Shape([5] + inner))
      // Twice to one row, once to a row that there is not.
      let indices = try comparison.input(ReferenceTensor([4], [3, 0, 3, 5]))
      let updates = try comparison.input(Shape([4] + inner))
      try comparison.expect([x.applying(Scatter(kind), indices, updates)])
    }
  }

  @Test func placesAndRunningSums() throws {
    for (shape, axis) in [([7], 0), ([3, 6], 1), ([4, 3], 0), ([2, 5, 3], 1)] as [(Shape, Int)] {
      var comparison = Comparison()
      let x = try comparison.input(shape)
      let ties = try x.map(.round)
      var outputs: [Node] = []
      for flag in [false, true] {
        for node in [x, ties] {
          outputs.append(
            try node.applying(TopPlaces(axis: axis, count: 3, takesLargest: flag)))
        }
        for other in [false, true] {
          outputs.append(
            try x.applying(CumulativeSum(axis: axis, isExclusive: flag, isReversed: other)))
        }
      }
      try comparison.expect(outputs)
    }
  }

  @Test func shapes() throws {
    var comparison = Comparison()
    let x = try comparison.input([3, 4, 5])
    let reshaped = try x.reshaped(to: [12, 5])
    let transposed = try x.transposed([2, 0, 1])
    let slice = try x.applying(Slice(starts: [0, 1, 0], ends: [3, 3, 5], steps: [2, 1, 2]))
    let padded = try x.applying(Pad(before: [1, 0, 2], after: [0, 3, 1], mode: .constant(-1.5)))
    let mirrored = try x.applying(Pad(before: [1, 0, 2], after: [0, 2, 1], mode: .reflect101))
    let repeated = try x.applying(Pad(before: [1, 0, 2], after: [0, 2, 1], mode: .replicate))
    let outputs = [reshaped, transposed, slice, padded, mirrored, repeated]
    var loss = try x.sum()
    for (index, output) in outputs.enumerated() {
      loss = try loss + (output * Float(index + 1)).map(.square).sum()
    }
    let gradient = try comparison.graph.gradients(of: loss, withRespectTo: [x])
    try comparison.expect(outputs + gradient, tolerance: 2e-6)
  }

  @Test(arguments: [[16, 32, 16], [3, 16], [20, 4]], [0, 1, 3])
  func concatenate(channels: [Int], axis: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, 16, 4, 4])
    let parts = try channels.map { count in
      let count = axis == 1 ? count : 16
      return try x.applying(Convolution(), comparison.input([count, 16, 1, 1])).map(.relu)
    }
    let whole = try comparison.graph.apply(Concatenate(axis: axis), parts)[0]
    let upstream = try comparison.input(whole.shape)
    let gradient = try comparison.graph.gradients(of: (whole * upstream).sum(), withRespectTo: [x])
    try comparison.expect([whole] + gradient)
  }

  /// Channels of images in blocks: whole blocks, parts of them, and more than channels. A skip connection's
  /// gradient is a sum of such.
  @Test(arguments: [Precision.float32, .bfloat16]) func channelsOfBlocks(precision: Precision)
    throws
  {
    let graph = Graph()
    let x = try graph.input("x", [2, 16, 9, 7])
    let w = try graph.input("w", [48, 16, 3, 3])
    let v = try graph.input("v", [16, 64, 3, 3])
    let y = try x.applying(Convolution(padding: 1), w)
    func slice(_ channels: Range<Int>, rows: Range<Int> = 0..<9) throws -> Node {
      try y.applying(
        Slice(
          starts: [0, channels.lowerBound, rows.lowerBound, 0],
          ends: [2, channels.upperBound, rows.upperBound, 7]))
    }
    let parts = try [slice(0..<16), slice(16..<48), slice(8..<24), slice(16..<32, rows: 2..<8)]
    let joined = try graph.apply(Concatenate(axis: 1), [y, parts[0]])[0]
    let z = try joined.applying(Convolution(padding: 1), v)
    let loss =
      try z.map(.square).sum() + (parts[1] * 2).map(.square).sum()
      + parts[3].map(.square).sum()
    let outputs = parts + [z] + (try graph.gradients(of: loss, withRespectTo: [x, w, v]))
    try expectOptimizedEqualsPlain(outputs, of: [x, w, v], precision)
  }

  @Test func gather() throws {
    var comparison = Comparison()
    let table = try comparison.input([5, 3])
    let indices = try comparison.input(ReferenceTensor([2, 4], [0, 4, 2, 2, 1, 0, 3, 2]))
    let rows = try table.applying(Gather(axis: 0), indices)
    let upstream = try comparison.input(rows.shape)
    let gradient = try comparison.graph.gradients(
      of: (rows * upstream).sum(), withRespectTo: [table])
    let second = try comparison.input(ReferenceTensor([1], [2]))
    let column = try table.applying(Gather(axis: 1), second)
    try comparison.expect([rows, column] + gradient)
  }

  @Test func gatherOutsideGivesNotANumber() throws {
    let graph = Graph()
    let table = try graph.input("table", [3])
    let indices = try graph.input("indices", [4])
    let y = try table.applying(Gather(axis: 0), indices)
    let plan = try Plan(graph, outputs: [y], variables: VariableStore())
    try plan.setInput(table, Tensor([3], [1, 2, 3]))
    try plan.setInput(indices, Tensor([4], [-1, 3, 1.5, .nan]))
    try plan.run()
    #expect(try plan.output(y).scalars.allSatisfy(\.isNaN))
  }

  @Test func randomNumbersAreAnewInEachRun() throws {
    let comparison = Comparison()
    let graph = comparison.graph
    let mask = try graph.apply(DropoutMask(keepProbability: 0.8, shape: [30, 201]), [])[0]
    let normal = try graph.apply(RandomNormal(shape: [5, 2001]), [])[0]
    let uniform = try graph.apply(RandomUniform(shape: [3]), [])[0]
    try comparison.expect([mask, normal, uniform], tolerance: 1e-6, threads: [1, 2], runs: 3)
  }
}
