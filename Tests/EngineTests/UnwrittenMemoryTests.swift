import Engine
import Graphs
import Tensors
import TestSupport
import Testing

/// Plans whose memory is filled with NaN before each run give the same as plans without passes and
/// without such: nothing is read that was not written, channels that fill up a block included.
@Suite struct UnwrittenMemoryTests {
  private static let channels = [3, 16, 17, 24, 40]

  /// Layers of all kinds, forwards and back, with updates.
  @Test(arguments: channels, Precision.allCases)
  func training(channels: Int, precision: Precision) throws {
    let graph = Graph()
    var random = RandomSource(seed: 11)
    let (batch, width) = (4, channels + 5)
    let x = try graph.input("x", [batch, 3, 12, 12])
    let target = try graph.input("target", [batch, 5])
    var parameters: [Node] = []
    func parameter(_ name: String, _ shape: Shape, deviation: Float) throws -> Node {
      parameters.append(try graph.parameter(name, shape, .normal(std: deviation)))
      return parameters[parameters.count - 1]
    }
    func normalized(_ name: String, _ y: Node) throws -> Node {
      let scale = try graph.parameter("\(name).scale", [y.shape[1]], .constant(1))
      let shift = try graph.parameter("\(name).shift", [y.shape[1]], .constant(0.1))
      parameters += [scale, shift]
      return try graph.apply(BatchNormalization(), [y, scale, shift])[0]
    }
    let bias = try parameter("bias", [channels], deviation: 0.1)
    let first = try x.applying(
      Convolution(padding: 1), parameter("first", [channels, 3, 3, 3], deviation: 0.3)
    ).applying(BiasAdd(), bias).map(.relu)
    let second = try normalized(
      "second",
      first.applying(
        Convolution(strides: 2, padding: 1),
        parameter("second", [width, channels, 4, 4], deviation: 0.1))
    ).map(.leakyReLU(slope: 0.2))
    let up = try Convolution(strides: 2, padding: 1).transposed(
      input: second.shape, weight: [width, channels, 4, 4])
    let third = try normalized(
      "third",
      second.applying(up, parameter("third", [width, channels, 4, 4], deviation: 0.1)))
    let sum = try (third + first).map(.relu)
    let pooled = try sum.applying(MaxPool(window: 3, strides: 2, padding: 1))
    let averaged = try first.applying(AveragePool(window: 2))
    let joined = try graph.apply(Concatenate(axis: 1), [pooled, averaged, second])[0]
    let fourth = try normalized(
      "fourth",
      joined.applying(
        Convolution(padding: 1),
        parameter("fourth", [channels, joined.shape[1], 3, 3], deviation: 0.1))
    ).map(.relu)
    let flat = try (fourth * third.mean(axes: [2, 3], keepsAxes: true)).mean(axes: [2, 3])
    let logits = try flat.applying(
      MatrixMultiply(transposeRight: true), parameter("dense", [5, channels], deviation: 0.5))
    let loss = try logits.applying(SoftmaxCrossEntropy(), target).mean()
    let gradients = try graph.gradients(of: loss, withRespectTo: parameters)
    try graph.minimize(loss, parameters, .sgd(momentum: 0.9), rate: 0.02)
    let outputs = [loss, logits, sum, fourth] + gradients

    let images = ReferenceTensor.random(x.shape, &random)
    try compare(graph, outputs, precision) { plan in
      try plan.setInput(x, images.tensor)
      try plan.withInput(target) { values in
        for index in values.indices { values[index] = index % 5 == index / 5 ? 1 : 0 }
      }
    }
  }

  /// Folded normalization and sums in place.
  @Test(arguments: channels, Precision.allCases)
  func inference(channels: Int, precision: Precision) throws {
    let graph = Graph()
    var random = RandomSource(seed: 12)
    let x = try graph.input("x", [2, 3, 10, 10])
    func unit(_ name: String, _ y: Node) throws -> Node {
      let w = try graph.parameter(
        "\(name).w", [channels, y.shape[1], 3, 3], .normal(std: 0.2))
      let numbers = try ["scale", "shift", "mean"].map {
        try graph.parameter("\(name).\($0)", [channels], .normal(std: 0.5))
      }
      let variance = try graph.parameter("\(name).variance", [channels], .constant(0.7))
      return try graph.apply(
        BatchNormalizationInference(),
        [y.applying(Convolution(padding: 1), w)] + numbers + [variance])[0]
    }
    let first = try unit("first", x).map(.relu)
    let second = try (unit("second", first) + first).map(.relu)
    let larger = try second.applying(Upsample(factor: Size2D(2), mode: .nearest))
    let third = try unit("third", larger).map(.tanh)
    let pooled = try third.mean(axes: [2, 3])
    let images = ReferenceTensor.random(x.shape, &random)
    try compare(graph, [third, pooled], precision) { try $0.setInput(x, images.tensor) }
  }

  /// Two runs of both plans, the one with passes on poisoned memory.
  private func compare(
    _ graph: Graph, _ outputs: [Node], _ precision: Precision, fill: (Plan) throws -> Void
  ) throws {
    func makePlan(_ options: PlanOptions) throws -> Plan {
      let store = VariableStore()
      try store.initialize(graph.variables, random: RandomSource(seed: 7))
      let plan = try Plan(graph, outputs: outputs, variables: store, options: options)
      try fill(plan)
      return plan
    }
    let plan: Plan
    do { plan = try makePlan(PlanOptions(threads: 2, precision: precision)) } catch EngineError
      .unavailable
    {
      // This processor has no bfloat16.
      return
    }
    let reference = try makePlan(PlanOptions(threads: 2, optimizes: false))
    for run in 0..<2 {
      plan.poison()
      try plan.run()
      try reference.run()
      for (index, output) in outputs.enumerated() {
        let expected = try reference.output(output)
        let error = relativeError(
          try plan.output(output),
          ReferenceTensor(expected.shape, expected.scalars.map(Double.init)))
        #expect(
          error < (precision == .float32 ? 1e-4 : 0.5), "run \(run), output \(index): \(error)")
      }
    }
  }
}
