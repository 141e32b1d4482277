import Engine
import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct FusionTests {
  /// A residual block for inference: folded normalization, sums in place, activations.
  @Test(arguments: [1, 3], [16, 20])
  func residualBlock(batch: Int, channels: Int) throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([batch, channels, 9, 9])
    func convolution(_ name: String, _ input: Node) throws -> Node {
      let w = try graph.parameter(
        "\(name).w", [channels, channels, 3, 3], .heNormal, fanIn: 9 * channels)
      let numbers = try ["scale", "shift", "mean"].map {
        try graph.parameter("\(name).\($0)", [channels], .normal(std: 0.5))
      }
      let variance = try graph.parameter("\(name).variance", [channels], .constant(0.7))
      let y = try input.applying(Convolution(padding: 1), w)
      return try graph.apply(BatchNormalizationInference(), [y] + numbers + [variance])[0]
    }
    let stem = try convolution("stem", x).map(.relu)
    let first = try convolution("first", stem).map(.leakyReLU(slope: 0.2))
    let block = try (convolution("second", first) + stem).map(.relu)
    let shortcut = try convolution("shortcut", block)
    let last = try (shortcut + convolution("third", block)).map(.relu)
    let pooled = try last.mean(axes: [2, 3])
    try comparison.expect([pooled], tolerance: 3e-5, runs: 2)
    try comparison.expect([stem, block, last], tolerance: 3e-5, runs: 2)
  }

  /// A sum like a bias's gradient, but of what a transposed convolution takes: it stands before the
  /// gradient of the weights can be computed.
  @Test func sumBesideATransposedConvolution() throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([2, 16, 5, 5])
    let w = try graph.parameter("w", [16, 16, 4, 4], .heNormal, fanIn: 256)
    let t = try x.map(.relu)
    let y = try t.applying(
      ConvolutionInputGradient(
        of: Convolution(strides: 2, padding: 1), inputShape: [2, 16, 10, 10]), w)
    let loss = try y.map(.square).mean() + t.sum(axes: [0, 2, 3]).map(.square).mean()
    let slope = try graph.gradients(of: loss, withRespectTo: [w])[0]
    try comparison.expect([loss, slope], tolerance: 1e-4)
  }

  /// ReLU6 of a depthwise convolution and of a pointwise one, and normalization of what is no
  /// convolution.
  @Test(arguments: [1, 3])
  func clippedConvolutions(batch: Int) throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([batch, 32, 9, 9], from: -3, to: 3)
    let depthwise = try graph.parameter("depthwise", [32, 1, 3, 3], .normal(std: 1))
    let pointwise = try graph.parameter("pointwise", [24, 32, 1, 1], .normal(std: 0.5))
    let numbers = try ["scale", "shift", "mean"].map {
      try graph.parameter($0, [24], .normal(std: 0.5))
    }
    let variance = try graph.parameter("variance", [24], .constant(0.7))
    let y = try x.applying(Convolution(padding: 1, groups: 32), depthwise)
      .map(.clip(minimum: 0, maximum: 6))
    let z = try y.applying(Convolution(), pointwise).map(.clip(minimum: -1, maximum: 2))
    let pooled = try z.applying(MaxPool(window: 3))
    let normalized = try graph.apply(
      BatchNormalizationInference(), [pooled] + numbers + [variance])[0]
    try comparison.expect([normalized], tolerance: 3e-5, runs: 2)
  }

  /// A value that one operation reads twice, by itself and as the gradient of a square written as a
  /// product.
  @Test func aValueIsReadTwiceByOneOperation() throws {
    var comparison = Comparison()
    let x = try comparison.input([3, 5])
    let twice = try x.map(.tanh) * x.map(.tanh)
    let once = try x.map(.sigmoid)
    let product = try once * once
    let slope = try comparison.graph.gradients(of: (x * x).sum(), withRespectTo: [x])[0]
    try comparison.expect([twice, product, slope], tolerance: 1e-6, runs: 2)
    try comparison.expect([slope], tolerance: 1e-6)
  }

  /// ReLU before a max pool of windows side by side is done by the pool, forwards and back: any window,
  /// rows and columns left over, channels of any number, equal and zero elements. (`PoolTests` has the
  /// loops by themselves, in vectors and without.)
  @Test(
    arguments: [Size2D(2), Size2D(3), Size2D(height: 1, width: 2), Size2D(height: 3, width: 2)],
    [1, 3, 16, 20, 48])
  func rectifiedMaxPool(window: Size2D, channels: Int) throws {
    for (height, width) in [(6, 6), (7, 8), (13, 9), (8, 11)] {
      var comparison = Comparison()
      let graph = comparison.graph
      let x = try comparison.input([3, 2, height, width])
      let w = try comparison.input([channels, 2, 1, 1])
      let upstream = try comparison.input([
        3, channels, height / window.height, width / window.width,
      ])
      // Steps of a half: many elements of a window are equal, many are 0.
      let y = try (x.applying(Convolution(), w) * 2).map(.floor) * 0.5
      let pooled = try y.map(.relu).applying(MaxPool(window: window))
      let gradients = try graph.gradients(of: (pooled * upstream).sum(), withRespectTo: [y])
      try comparison.expect([pooled] + gradients, tolerance: 1e-6, threads: [1, 2], runs: 2)
      try comparison.expect(gradients, tolerance: 1e-6)
      try comparison.expect([pooled], tolerance: 1e-6)
    }
  }

  /// What ReLU wrote is wanted elsewhere, by another pool, a sum or the caller.
  @Test func rectifiedImagesThatOthersRead() throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([2, 16, 8, 8])
    let y = try x.map(.relu)
    let pooled = try y.applying(MaxPool(window: 2))
    let all = try [pooled.sum(), y.applying(MaxPool(window: 4)).map(.square).sum(), y.mean()]
    let gradients = try graph.gradients(of: all[0] + all[1] + all[2], withRespectTo: [x])
    try comparison.expect(all + gradients)
    try comparison.expect(try graph.gradients(of: all[0], withRespectTo: [x]) + [y])
    let pools = try graph.gradients(of: all[0] + all[1], withRespectTo: [x])
    try comparison.expect(pools)
  }

  /// Not a number is not lost on its way through the pool.
  @Test(arguments: [3, 16], [1, 2])
  func rectifiedMaxPoolKeepsWhatIsNoNumber(channels: Int, place: Int) throws {
    let graph = Graph()
    let x = try graph.input("x", [1, channels, 2, 2])
    let pooled = try x.map(.relu).applying(MaxPool(window: 2))
    let plan = try Plan(graph, outputs: [pooled], variables: VariableStore())
    try plan.withInput(x) { values in
      for index in values.indices { values[index] = index % 4 == place ? .nan : 1 }
    }
    try plan.run()
    let result = try plan.output(pooled)
    #expect((0..<channels).allSatisfy { result[0, $0, 0, 0].isNaN })
  }

  /// The residual is what the convolution itself reads: the sum cannot be written over it.
  @Test(arguments: [3, 16, 17], [1, 3])
  func residualAroundOneConvolution(channels: Int, kernel: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, channels, 10, 10])
    let (v, w) = (
      try comparison.input([channels, channels, 1, 1]),
      try comparison.input([channels, channels, kernel, kernel])
    )
    let first = try x.applying(Convolution(), v)
    let y = try first.applying(Convolution(padding: EdgePadding(kernel / 2)), w)
    try comparison.expect([(y + first).map(.relu)])
  }

  @Test func transposedConvolutionWithNormalization() throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([3, 32, 4, 4])
    let w = try graph.parameter("w", [32, 16, 4, 4], .normal(std: 0.1))
    let numbers = try ["scale", "shift", "mean"].map {
      try graph.parameter($0, [16], .normal(std: 0.5))
    }
    let variance = try graph.parameter("variance", [16], .constant(0.7))
    let transposed = try Convolution(strides: 2, padding: 1).transposed(
      input: x.shape, weight: w.shape)
    let y = try x.applying(transposed, w)
    let z = try graph.apply(BatchNormalizationInference(), [y] + numbers + [variance])[0]
    try comparison.expect([z.map(.relu)], runs: 2)
  }

  /// Normalization, ReLU and residual sums in training, forwards and back.
  @Test(arguments: [16, 24])
  func residualTraining(channels: Int) throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([4, channels, 8, 8])
    var variables: [Node] = []
    func unit(_ name: String, _ input: Node) throws -> Node {
      let w = try graph.parameter(
        "\(name).w", [channels, channels, 3, 3], .heNormal, fanIn: 9 * channels)
      let b = try graph.parameter("\(name).b", [channels], .normal(std: 0.1))
      let scale = try graph.parameter("\(name).scale", [channels], .constant(1))
      let shift = try graph.parameter("\(name).shift", [channels], .zeros)
      variables += [w, b, scale, shift]
      let y = try input.applying(Convolution(padding: 1), w).applying(BiasAdd(), b)
      let normal = try graph.apply(BatchNormalization(), [y, scale, shift])
      let running = try graph.buffer("\(name).mean", [channels], .zeros)
      try graph.assign(running, running * 0.9 + normal[1] * 0.1)
      return normal[0]
    }
    let first = try unit("first", x).map(.relu)
    let second = try unit("second", first)
    let block = try (second + first).map(.relu)
    let third = try unit("third", block).map(.relu)
    let loss = try third.mean(axes: [2, 3]).map(.square).mean()
    try graph.minimize(loss, variables, .sgd(momentum: 0.9), rate: 0.05)
    try comparison.expect([loss], tolerance: 1e-4, runs: 3)
  }

  /// Clipping by norm reads all gradients before any parameter changes.
  @Test func clippedGradients() throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([4, 16, 6, 6])
    let w = try graph.parameter("w", [32, 16, 3, 3], .heNormal, fanIn: 144)
    let v = try graph.parameter("v", [10, 32 * 16], .heNormal, fanIn: 512)
    let y = try x.applying(Convolution(), w).map(.relu).reshaped(to: [4, 512])
    let loss = try y.applying(MatrixMultiply(transposeRight: true), v).map(.square).mean()
    let gradients = try graph.gradients(of: loss, withRespectTo: [w, v])
    let norm = try (gradients[0].map(.square).sum() + gradients[1].map(.square).sum()).map(.sqrt)
    for (p, g) in zip([w, v], gradients) {
      let updated = try graph.apply(OptimizerUpdate(.sgd()), [p, g / norm, graph.constant(0.5)])[0]
      try graph.assign(p, updated.map(.clip(minimum: -0.1, maximum: 0.1)))
    }
    try comparison.expect([loss, norm], tolerance: 3e-5, runs: 3)
  }

  /// A value of fewer axes beside images in blocks of channels.
  @Test(arguments: [16, 20])
  func imagesAndAValueOfThreeAxes(channels: Int) throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([1, channels, 5, 5])
    let w = try graph.parameter("w", [channels, channels, 3, 3], .heNormal, fanIn: 9 * channels)
    let other = try comparison.input([channels, 3, 3])
    let y = try x.applying(Convolution(), w).map(.relu)
    try comparison.expect([(y * other.map(.square)).map(.tanh)], tolerance: 3e-5, runs: 2)
  }
}
