import Engine
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  static let kinds: [Unary.Kind] = [
    .negate, .exp, .abs, .square, .sin, .cos, .erf, .sign, .step, .floor, .ceil, .round, .tanh,
    .sigmoid, .hardSigmoid(), .relu, .leakyReLU(), .elu(), .gelu, .swish, .softplus,
    .clip(minimum: -0.5, maximum: 2),
  ]

  /// Ties and subnormal results among them.
  @Test(arguments: [Unary.SmallFloat.float16, .bfloat16])
  func rounding(to format: Unary.SmallFloat) throws {
    var comparison = Comparison()
    var values: [Double] = [
      65_519, -65_519, 1 + 0x1p-11, 1 + 0x3p-11, 0x1p-24, 0x1p-25, 0x1.8p-24, -0x1p-15,
    ]
    for step in -150..<110 { values.append(1.001 * exp(Double(step) / 10)) }
    let floats = values.map { Double(Float($0)) }
    let x = try comparison.input(ReferenceTensor([floats.count], floats))
    try comparison.expect([x.map(.rounded(to: format))], tolerance: 0)
  }

  @Test(arguments: kinds)
  func unary(_ kind: Unary.Kind) throws {
    var comparison = Comparison()
    let x = try comparison.input([3, 1001], from: -9, to: 9)
    try comparison.expect([x.map(kind)], tolerance: 2e-6)
  }

  @Test(arguments: [Unary.Kind.log, .sqrt, .reciprocal])
  func unaryOfPositive(_ kind: Unary.Kind) throws {
    var comparison = Comparison()
    let x = try comparison.input([1500], from: 0.01, to: 20)
    try comparison.expect([x.map(kind)], tolerance: 1e-6)
  }

  @Test(arguments: [
    Unary.Kind.relu, .leakyReLU(slope: 0.2), .elu(), .gelu, .swish, .softplus, .tanh, .sigmoid,
    .hardSigmoid(), .clip(minimum: -1, maximum: 1),
  ])
  func activationGradients(_ kind: Unary.Kind) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, 20, 5, 5], from: -3, to: 3)
    let gradient = try comparison.graph.gradients(
      of: (x.map(kind)).map(.square).sum(), withRespectTo: [x])[0]
    try comparison.expect([gradient], tolerance: 2e-6)
  }

  @Test(
    arguments: [
      ([4, 5], [4, 5]), ([4, 5], [5]), ([4, 1], [1, 5]), ([2, 3, 4], [3, 1]), ([], [7]),
      ([1], [6, 1]),
      ([70, 33], [70, 1]), ([3, 40, 41], [40, 1]), ([2, 3, 1, 5, 1], [3, 4, 1, 6]),
    ] as [([Int], [Int])])
  func broadcasting(_ shapes: ([Int], [Int])) throws {
    for kind in [
      Binary.Kind.add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .equal, .greater,
      .greaterOrEqual, .less, .lessOrEqual,
    ] {
      var comparison = Comparison()
      let a = try comparison.input(Shape(shapes.0), from: 0.5, to: 2)
      let b = try comparison.input(Shape(shapes.1), from: 0.5, to: 2)
      try comparison.expect([a.combined(kind, b)], tolerance: 1e-6)
    }
  }

  @Test func extremesAreKept() throws {
    let values: [Double] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1e-40, -1e-40, 88.9, -88.9, -104.5, 1e30, -1e30,
    ]
    let kinds: [Unary.Kind] = [
      .exp, .tanh, .sigmoid, .relu, .leakyReLU(), .softplus, .abs, .negate, .floor,
      .clip(minimum: -1, maximum: 1),
    ]
    for kind in kinds {
      var comparison = Comparison()
      let x = try comparison.input(ReferenceTensor([values.count], values))
      let y = try x.map(kind)
      let interpreter = Interpreter(comparison.graph)
      let reference = interpreter.run([y], inputs: [x: comparison.inputs[0].value])[0]
      let plan = try Plan(comparison.graph, outputs: [y], variables: VariableStore())
      try plan.setInput(x, comparison.inputs[0].value.tensor)
      try plan.run()
      for (index, value) in try plan.output(y).scalars.enumerated() {
        let wanted = Float(reference.values[index])
        #expect(
          value == wanted || value.isNaN && wanted.isNaN
            || abs(value - wanted) <= 1e-6 * abs(wanted) + 1e-37,
          "\(kind) of \(values[index]): \(value), not \(wanted)")
      }
    }
  }

  @Test func chainsWithSharedParts() throws {
    var comparison = Comparison()
    let x = try comparison.input([3, 32, 7, 9])
    let scale = try comparison.input([32, 1, 1])
    let gate = try comparison.input([3, 32, 1, 1])
    let map = try comparison.input([3, 1, 7, 9])
    let a = try (x * scale + gate).map(.tanh)
    let b = try a * a + map
    let chosen = try b.applying(Select(), a, x * 2)
    try comparison.expect([a, b, chosen, (chosen - 3).map(.abs).sum(axes: [1])], tolerance: 2e-6)
  }
}
