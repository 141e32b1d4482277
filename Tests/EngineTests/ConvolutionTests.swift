import Engine
import Graphs
import Tensors
import TestSupport
import Testing

/// A convolution's shapes for a test.
struct ConvolutionCase: CustomTestStringConvertible {
  var batch = 2
  var channels: (Int, Int)
  var image: (Int, Int)
  var kernel: (Int, Int) = (3, 3)
  var convolution = Convolution()

  var testDescription: String {
    "\(batch)×\(channels.0)×\(image) → \(channels.1), \(kernel), \(convolution)"
  }
}

@Suite struct ConvolutionTests {
  static let cases: [ConvolutionCase] = [
    .init(batch: 1, channels: (1, 1), image: (5, 5)),
    .init(batch: 3, channels: (3, 8), image: (9, 7), convolution: .init(padding: 1)),
    .init(
      batch: 2, channels: (3, 64), image: (16, 16), kernel: (4, 4),
      convolution: .init(strides: 2, padding: 1)),
    .init(
      batch: 2, channels: (3, 20), image: (23, 19), kernel: (7, 7),
      convolution: .init(strides: 2, padding: 3)),
    .init(batch: 2, channels: (2, 15), image: (8, 11), kernel: (2, 5)),
    .init(batch: 2, channels: (15, 17), image: (6, 6), convolution: .init(padding: 1)),
    .init(batch: 4, channels: (16, 16), image: (8, 8), convolution: .init(padding: 1)),
    .init(batch: 4, channels: (16, 32), image: (13, 9)),
    .init(batch: 2, channels: (32, 33), image: (7, 7), convolution: .init(strides: 3, padding: 1)),
    .init(batch: 5, channels: (31, 16), image: (6, 5), kernel: (1, 1)),
    .init(
      batch: 2, channels: (32, 48), image: (6, 6), kernel: (1, 1), convolution: .init(strides: 2)),
    .init(
      batch: 2, channels: (16, 16), image: (12, 12), convolution: .init(padding: 2, dilation: 2)),
    .init(
      batch: 2, channels: (4, 6), image: (10, 12),
      convolution: .init(
        padding: EdgePadding(top: 0, left: 2, bottom: 1, right: 0),
        dilation: Size2D(height: 3, width: 2))),
    .init(batch: 2, channels: (8, 12), image: (7, 7), convolution: .init(padding: 1, groups: 4)),
    .init(
      batch: 2, channels: (32, 32), image: (9, 9),
      convolution: .init(strides: 2, padding: 1, groups: 32)),
    .init(batch: 2, channels: (24, 24), image: (9, 9), convolution: .init(padding: 1, groups: 24)),
    .init(batch: 2, channels: (32, 64), image: (6, 6), convolution: .init(padding: 1, groups: 2)),
    .init(batch: 3, channels: (64, 3), image: (8, 8), convolution: .init(padding: 1)),
    .init(batch: 3, channels: (48, 1), image: (4, 4), kernel: (4, 4)),
    .init(
      batch: 1, channels: (16, 16), image: (1, 30), kernel: (1, 5),
      convolution: .init(padding: EdgePadding(top: 0, left: 2, bottom: 0, right: 2))),
    .init(
      batch: 2, channels: (5, 7), image: (11, 10), kernel: (5, 6),
      convolution: .init(
        strides: Size2D(height: 3, width: 2),
        padding: EdgePadding(top: 2, left: 1, bottom: 0, right: 3)
      )),
    .init(batch: 3, channels: (128, 128), image: (6, 6), convolution: .init(padding: 1)),
    // By Winograd's algorithm over phases, with tiles that reach over the edges.
    .init(
      batch: 5, channels: (32, 48), image: (22, 18), kernel: (4, 4),
      convolution: .init(strides: 2, padding: 1)),
    .init(
      batch: 8, channels: (48, 32), image: (17, 20), kernel: (4, 4),
      convolution: .init(
        strides: 2, padding: EdgePadding(top: 0, left: 2, bottom: 2, right: 1))),
    // By Winograd's algorithm with a kernel of its own and with one that has taps of zero.
    .init(batch: 4, channels: (16, 48), image: (13, 18), convolution: .init(padding: 1)),
    .init(
      batch: 3, channels: (48, 16), image: (19, 15),
      convolution: .init(padding: EdgePadding(top: 2, left: 0, bottom: 0, right: 3))),
    .init(
      batch: 3, channels: (16, 32), image: (26, 31), convolution: .init(strides: 2, padding: 1)),
    .init(
      batch: 5, channels: (32, 16), image: (20, 24),
      convolution: .init(strides: 2, padding: EdgePadding(top: 0, left: 0, bottom: 1, right: 1))),
  ]

  /// Winograd's transforms, F(4 × 4, 3 × 3), lose about a digit; direct convolution stays at 1e-6.
  static let tolerance = 1e-5

  @Test(arguments: cases)
  func forwardAndGradients(_ item: ConvolutionCase) throws {
    var comparison = Comparison()
    let x = try comparison.input([item.batch, item.channels.0, item.image.0, item.image.1])
    let w = try comparison.input([
      item.channels.1, item.channels.0 / item.convolution.groups, item.kernel.0, item.kernel.1,
    ])
    let bias = try comparison.input([item.channels.1])
    let y = try x.applying(item.convolution, w).applying(BiasAdd(), bias)
    let activated = try y.map(.relu)
    let weights = try comparison.input(y.shape)
    let gradients = try comparison.graph.gradients(
      of: (activated * weights).sum(), withRespectTo: [x, w, bias])
    try comparison.expect([activated] + gradients, tolerance: Self.tolerance)
  }

  @Test(arguments: cases)
  func transposed(_ item: ConvolutionCase) throws {
    var comparison = Comparison()
    let z: Shape = [item.batch, item.channels.1, item.image.0, item.image.1]
    let weight: Shape = [
      item.channels.1, item.channels.0 / item.convolution.groups, item.kernel.0, item.kernel.1,
    ]
    guard let operation = try? item.convolution.transposed(input: z, weight: weight) else { return }
    let x = try comparison.input(z)
    let w = try comparison.input(weight)
    let y = try x.applying(operation, w)
    let upstream = try comparison.input(y.shape)
    let gradients = try comparison.graph.gradients(
      of: (y * upstream).sum(), withRespectTo: [x, w])
    try comparison.expect([y] + gradients, tolerance: Self.tolerance)
  }

  /// In inference of few images 1 × 1 convolutions take and give all channels of a pixel together, of many
  /// images blocks of channels; those between them that go Winograd's way do as they do.
  @Test(arguments: [3, 9])
  func bottleneck(images: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([images, 64, 14, 19])
    let reduced = try x.applying(Convolution(), comparison.input([32, 64, 1, 1])).map(.relu)
    let spread = try reduced.applying(
      Convolution(padding: 1), comparison.input([48, 32, 3, 3])
    ).applying(BiasAdd(), comparison.input([48])).map(.relu)
    let y = try spread.applying(Convolution(), comparison.input([64, 48, 1, 1])) + x
    let halved = try y.map(.relu).applying(
      Convolution(strides: 2), comparison.input([32, 64, 1, 1]))
    try comparison.expect([halved], tolerance: Self.tolerance)
  }

  /// More images than are computed at once, the last few fewer than the others, by all threads together or
  /// by each for itself; with bfloat16 only gradients over many channels go Winograd's way.
  @Test(arguments: [
    (64, 4, 2, Precision.float32), (64, 3, 1, .float32), (32, 3, 2, .float32),
    (256, 4, 2, .bfloat16),
  ])
  func chunksOfImages(channels: Int, side: Int, stride: Int, precision: Precision) throws {
    let graph = Graph()
    let x = try graph.input("x", [83, channels, 16, 16])
    let w = try graph.input("w", [channels, channels, side, side])
    let b = try graph.input("b", [channels])
    let y = try x.applying(Convolution(strides: Size2D(stride), padding: 1), w)
      .applying(BiasAdd(), b).map(.leakyReLU(slope: 0.2))
    let loss = try y.map(.square).sum()
    let outputs = [y] + (try graph.gradients(of: loss, withRespectTo: [x, w, b]))
    try expectOptimizedEqualsPlain(outputs, of: [x, w, b], precision)
  }

  /// Images larger than what is computed at once go strip by strip, the last with fewer rows than the others.
  @Test(arguments: [(1, 3, 1, 101, 99), (2, 4, 2, 186, 190)])
  func stripsOfImages(images: Int, side: Int, stride: Int, height: Int, width: Int) throws {
    let graph = Graph()
    let x = try graph.input("x", [images, 16, height, width])
    let w = try graph.input("w", [32, 16, side, side])
    let b = try graph.input("b", [32])
    let y = try x.applying(Convolution(strides: Size2D(stride), padding: 1), w)
      .applying(BiasAdd(), b).map(.leakyReLU(slope: 0.2))
    try expectOptimizedEqualsPlain([y], of: [x, w, b], .float32)
  }

  /// Weights and inputs as variables, which keep their own order from run to run.
  @Test func trainsInPlace() throws {
    var comparison = Comparison()
    let graph = comparison.graph
    let x = try comparison.input([4, 3, 12, 12])
    let w1 = try graph.parameter("w1", [32, 3, 3, 3], .heNormal, fanIn: 27)
    let b1 = try graph.parameter("b1", [32], .constant(0.1))
    let w2 = try graph.parameter("w2", [20, 32, 3, 3], .heNormal, fanIn: 288)
    let w3 = try graph.parameter("w3", [10, 20 * 64], .glorotUniform, fanIn: 1280, fanOut: 10)
    let h1 = try x.applying(Convolution(), w1).applying(BiasAdd(), b1).map(.relu)
    let h2 = try h1.applying(Convolution(), w2).map(.leakyReLU())
    let flat = try h2.reshaped(to: [4, 20 * 64])
    let logits = try flat.applying(MatrixMultiply(transposeRight: true), w3)
    let target = try comparison.input(
      ReferenceTensor([4, 10], (0..<40).map { $0 % 11 == 0 ? 1 : 0 }))
    let loss = try logits.applying(SoftmaxCrossEntropy(), target).mean()
    try graph.minimize(loss, [w1, b1, w2, w3], .sgd(momentum: 0.9, weightDecay: 1e-3), rate: 0.005)
    try comparison.expect([loss, logits], tolerance: 3e-5, runs: 4)
  }
}

extension Graph {
  /// Adds an optimizer's update of each parameter.
  func minimize(_ loss: Node, _ parameters: [Node], _ rule: OptimizerRule, rate: Float) throws {
    let gradients = try gradients(of: loss, withRespectTo: parameters)
    var shared = [constant(rate)]
    if rule.countsSteps {
      let count = try buffer("step", [], .zeros)
      try assign(count, count + 1)
      shared.append(try count + 1)
    }
    for (index, (parameter, gradient)) in zip(parameters, gradients).enumerated() {
      let states = try rule.states.map { try buffer("\(index).\($0)", parameter.shape, .zeros) }
      let updated = try apply(OptimizerUpdate(rule), [parameter, gradient] + shared + states)
      for (variable, value) in zip([parameter] + states, updated) { try assign(variable, value) }
    }
  }
}
