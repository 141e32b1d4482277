import Graphs
import Tensors
import TestSupport
import Testing

/// Reductions, products of matrices and operations that only move elements.
@Suite struct ShapeGradientTests {
  private func check(
    _ shapes: [Shape], _ build: ([Node]) throws(GraphError) -> Node
  ) throws -> Double {
    var random = RandomSource(seed: 13)
    let inputs = shapes.map { ReferenceTensor.random($0, &random) }
    let first = try GradientCheck(inputs, build)
    let second = try GradientCheck(inputs) { (x) throws(GraphError) in
      let y = try build(x)
      let slopes = try x[0].graph.gradients(of: (y * y).sum(), withRespectTo: x)
      return slopes[0]
    }
    return max(first.largestError, second.largestError)
  }

  @Test(arguments: [Reduce.Kind.sum, .mean, .max, .min])
  func reductions(_ kind: Reduce.Kind) throws {
    for axes in [[0], [1], [0, 2], [0, 1, 2], []] {
      for keepsAxes in [false, true] {
        let error = try check([[2, 3, 4]]) { (x) throws(GraphError) in
          try x[0].reduced(kind, axes: axes, keepsAxes: keepsAxes)
        }
        #expect(error < 1e-7)
      }
    }
  }

  @Test func productsOfMatrices() throws {
    let cases: [(Shape, Shape)] = [
      ([3, 4], [4, 2]), ([1, 5], [5, 1]), ([2, 3, 4], [4, 2]), ([2, 1, 3, 4], [3, 4, 2]),
    ]
    for (left, right) in cases {
      for (transposesLeft, transposesRight) in [
        (false, false), (true, false), (false, true), (true, true),
      ] {
        func swapped(_ shape: Shape, _ swaps: Bool) -> Shape {
          let last = shape.rank - 1
          return swaps
            ? Shape(shape.dimensions.dropLast(2) + [shape[last], shape[last - 1]]) : shape
        }
        let error = try check([swapped(left, transposesLeft), swapped(right, transposesRight)]) {
          (x) throws(GraphError) in
          try x[0].applying(
            MatrixMultiply(transposeLeft: transposesLeft, transposeRight: transposesRight), x[1])
        }
        #expect(error < 1e-7)
      }
    }
  }

  @Test func movesOfElements() throws {
    let operations: [(String, Shape, any Operation)] = [
      ("broadcast", [2, 1, 3], Broadcast([4, 2, 5, 3])),
      ("broadcast of a scalar", [], Broadcast([2, 2])),
      ("reshape", [2, 6], Reshape([3, 1, 4])),
      ("transpose", [2, 3, 4], Transpose([2, 0, 1])),
      ("pad", [2, 3], Pad(before: [1, 0], after: [2, 3], mode: .constant(0.5))),
      ("reflection", [3, 4], Pad(before: [2, 3], after: [1, 0], mode: .reflect101)),
      ("replication", [2, 3], Pad(before: [0, 4], after: [3, 1], mode: .replicate)),
      ("running sum", [2, 4], CumulativeSum(axis: 1)),
      (
        "from the end, exclusive", [3, 2],
        CumulativeSum(axis: 0, isExclusive: true, isReversed: true)
      ),
      ("slice", [5, 7], Slice(starts: [1, 0], ends: [4, 7])),
      ("slice with steps", [5, 7], Slice(starts: [0, 1], ends: [5, 6], steps: [3, 2])),
      (
        "slice gradient", [2, 3],
        SliceGradient(
          of: Slice(starts: [0, 1], ends: [5, 6], steps: [3, 2]), inputShape: [5, 7])
      ),
    ]
    for (name, shape, operation) in operations {
      let error = try check([shape]) { (x) throws(GraphError) in try x[0].applying(operation) }
      #expect(error < 1e-7, "\(name)")
    }
  }

  @Test func concatenation() throws {
    for axis in 0..<3 {
      let shape: Shape = [2, 3, 2]
      let other = shape.replacing(axis: axis, with: 4)
      let error = try check([shape, other, shape]) { (x) throws(GraphError) in
        try x[0].applying(Concatenate(axis: axis), x[1], x[2])
      }
      #expect(error < 1e-7)
    }
  }

  @Test func gatherAndItsGradient() throws {
    var random = RandomSource(seed: 5)
    for axis in 0..<3 {
      let x = ReferenceTensor.random([3, 3, 3], &random)
      let indices = ReferenceTensor([2, 2], [0, 2, 2, 1])
      let gather = Gather(axis: axis)
      let forward = try GradientCheck([x, indices], differentiable: [0]) {
        (x) throws(GraphError) in try x[0].applying(gather, x[1]).map(.square)
      }
      #expect(forward.largestError < 1e-7)
      let dy = ReferenceTensor.random(
        Shape([3, 3, 3].prefix(axis) + [2, 2] + [3, 3, 3].dropFirst(axis + 1)), &random)
      let backward = try GradientCheck([dy, indices], differentiable: [0]) {
        (x) throws(GraphError) in
        try x[0].applying(GatherGradient(axis: axis, inputShape: [3, 3, 3]), x[1]).map(.square)
      }
      #expect(backward.largestError < 1e-7)
    }
  }

  @Test(arguments: [Scatter.Kind.replace, .add]) func scatter(_ kind: Scatter.Kind) throws {
    var random = RandomSource(seed: 6)
    let inputs = [
      ReferenceTensor.random([4, 2], &random), ReferenceTensor([3], [2, 0, 3]),
      ReferenceTensor.random([3, 2], &random),
    ]
    let check = try GradientCheck(inputs, differentiable: [0, 2]) { (x) throws(GraphError) in
      try x[0].applying(Scatter(kind), x[1], x[2]).map(.square)
    }
    #expect(check.largestError < 1e-7)
  }

  @Test func scatterWithoutAGradientSaysSo() throws {
    let graph = Graph()
    let x = try graph.input("x", [2])
    let y = try x.applying(
      Scatter(.maximum), graph.constant(Tensor([1], [1])), graph.constant(Tensor([1], [3])))
    #expect(throws: GraphError.self) { try graph.gradients(of: y.sum(), withRespectTo: [x]) }
  }

  @Test func gatherMarksIndicesOutside() throws {
    let graph = Graph()
    let table = graph.constant(Tensor([2, 1], [5, 6]))
    let y = try table.applying(Gather(axis: 0), graph.constant(Tensor([3], [1, 2, -1])))
    let values = Interpreter(graph).run([y])[0].values
    #expect(values[0] == 6 && values[1].isNaN && values[2].isNaN)
  }
}
