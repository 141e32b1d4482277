import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct ElementwiseGradientTests {
  static let smooth: [Unary.Kind] = [
    .negate, .exp, .square, .sin, .cos, .erf, .tanh, .sigmoid, .gelu, .swish, .softplus,
  ]
  static let positive: [Unary.Kind] = [.log, .reciprocal, .sqrt]
  static let piecewise: [Unary.Kind] = [
    .abs, .sign, .step, .floor, .ceil, .round, .relu, .leakyReLU(slope: 0.25), .elu(alpha: 0.75),
    .hardSigmoid(), .hardSigmoid(slope: 0.25, offset: 0.5), .clip(minimum: -0.5, maximum: 1.25),
  ]

  @Test(arguments: smooth + positive + piecewise)
  func firstAndSecondDerivative(_ kind: Unary.Kind) throws {
    var random = RandomSource(seed: 2)
    let isPositive = Self.positive.contains(kind)
    let x = ReferenceTensor.random([3, 21], from: isPositive ? 0.3 : -3, to: 3, &random)
    let first = try GradientCheck([x], samples: 63) { (x) throws(GraphError) in
      try x[0].map(kind)
    }
    #expect(first.largestError < 1e-7)

    let second = try GradientCheck([x], samples: 63) { (x) throws(GraphError) in
      let y = try x[0].map(kind)
      return try x[0].graph.gradients(of: (y * y).sum(), withRespectTo: x)[0]
    }
    #expect(second.largestError < 2e-6)
  }

  @Test func halvesRoundToEven() throws {
    let graph = Graph()
    let x = graph.constant(Tensor([4], [0.5, 1.5, -0.5, 2.5]))
    #expect(Interpreter(graph).run([try x.map(.round)])[0].values == [0, 2, -0, 2])
  }

  @Test(arguments: [
    Binary.Kind.add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .equal, .greater,
    .greaterOrEqual, .less, .lessOrEqual,
  ])
  func binaryWithBroadcasting(_ kind: Binary.Kind) throws {
    let shapes: [(Shape, Shape)] = [
      ([2, 3], [2, 3]), ([2, 3], [3]), ([2, 1, 3], [4, 1]), ([], [2, 2]), ([1, 1], [2, 3]),
    ]
    for (left, right) in shapes {
      var random = RandomSource(seed: 9)
      let a = ReferenceTensor.random(left, from: 0.5, to: 2, &random)
      let b = ReferenceTensor.random(right, from: 0.5, to: 2, &random)
      let first = try GradientCheck([a, b]) { (x) throws(GraphError) in
        try x[0].combined(kind, x[1])
      }
      #expect(first.largestError < 1e-7)
      let second = try GradientCheck([a, b]) { (x) throws(GraphError) in
        let y = try x[0].combined(kind, x[1]) + x[0] * x[1]
        let slopes = try x[0].graph.gradients(of: y.map(.square).sum(), withRespectTo: x)
        return try slopes[0] + slopes[1].sum()
      }
      #expect(second.largestError < 2e-6)
    }
  }

  @Test func equalElementsShareTheGradientOfAMaximum() throws {
    let graph = Graph()
    let a = try graph.input("a", [3])
    let b = try graph.input("b", [3])
    for kind in [Binary.Kind.maximum, .minimum] {
      let y = try a.combined(kind, b).sum()
      let slopes = Interpreter(graph).run(
        try graph.gradients(of: y, withRespectTo: [a, b]),
        inputs: [a: .init([3], [1, 2, 3]), b: .init([3], [3, 2, 1])])
      let (first, last) = kind == .maximum ? (0.0, 1.0) : (1.0, 0.0)
      #expect(slopes[0].values == [first, 0.5, last])
      #expect(slopes[1].values == [last, 0.5, first])
    }
  }

  @Test func powerOfZeroHasAFiniteGradient() throws {
    let graph = Graph()
    let a = try graph.input("a", [3])
    let b = try graph.input("b", [3])
    let y = try a.combined(.power, b).sum()
    let slopes = Interpreter(graph).run(
      try graph.gradients(of: y, withRespectTo: [a, b]),
      inputs: [a: .init([3], [0, 2, 0]), b: .init([3], [2, 3, 0])])
    #expect(slopes[0].values == [0, 12, 0])
    #expect(slopes[1].values[0] == 0)
  }

  @Test func select() throws {
    var random = RandomSource(seed: 3)
    let a = ReferenceTensor.random([2, 3], &random)
    let b = ReferenceTensor.random([3], &random)
    let condition = ReferenceTensor([2, 1], [0, 1])
    let check = try GradientCheck([condition, a, b], differentiable: [1, 2]) {
      (x) throws(GraphError) in try x[0].applying(Select(), x[1], x[2]).map(.square)
    }
    #expect(check.largestError < 1e-7)
  }

  @Test func biasOnEveryRank() throws {
    var random = RandomSource(seed: 4)
    for shape: Shape in [[3, 4], [2, 3, 5], [2, 3, 2, 2], [5, 1, 3, 1]] {
      let inputs = [
        ReferenceTensor.random(shape, &random), .random([shape[1]], &random),
      ]
      let check = try GradientCheck(inputs) { (x) throws(GraphError) in
        try x[0].applying(BiasAdd(), x[1]).map(.tanh)
      }
      #expect(check.largestError < 1e-7)
    }
  }
}
