import Engine
import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct LayerTests {
  @Test(
    arguments: [
      MaxPool(window: 2), MaxPool(window: 3, strides: 2, padding: 1),
      MaxPool(window: Size2D(height: 2, width: 3), strides: 1, dilation: 2),
      MaxPool(window: 3, padding: EdgePadding(top: 1, left: 0, bottom: 0, right: 2)),
    ], [3, 16, 40])
  func maxPool(_ pool: MaxPool, channels: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, channels, 11, 9])
    let w = try comparison.input([channels, channels, 1, 1])
    // A convolution in front brings the images into blocked order.
    let y = try x.applying(Convolution(), w).applying(pool)
    let upstream = try comparison.input(y.shape)
    let gradients = try comparison.graph.gradients(of: (y * upstream).sum(), withRespectTo: [x, w])
    try comparison.expect([y] + gradients)
    try comparison.expect(gradients)
  }

  @Test(
    arguments: [
      AveragePool(window: 2), AveragePool(window: 3, strides: 2, padding: 1),
      AveragePool(window: 3, strides: 1, padding: 1, countsPadding: false),
      AveragePool(
        window: Size2D(height: 4, width: 2),
        padding: EdgePadding(top: 2, left: 1, bottom: 1, right: 0)),
    ], [1, 16, 20])
  func averagePool(_ pool: AveragePool, channels: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, channels, 11, 10])
    let w = try comparison.input([channels, channels, 1, 1])
    let y = try x.applying(Convolution(), w).applying(pool)
    let upstream = try comparison.input(y.shape)
    let gradients = try comparison.graph.gradients(of: (y * upstream).sum(), withRespectTo: [x, w])
    try comparison.expect([y] + gradients)
  }

  @Test(arguments: [
    [3, 1, 5, 4], [4, 16, 6, 6], [2, 33, 3, 5], [6, 7], [3, 5, 8], [2, 64, 8, 8],
  ])
  func batchNormalization(_ dimensions: [Int]) throws {
    var comparison = Comparison()
    let shape = Shape(dimensions)
    let x = try comparison.input(shape, from: -2, to: 5)
    let scale = try comparison.input([shape[1]], from: 0.5, to: 2)
    let shift = try comparison.input([shape[1]])
    let outputs = try comparison.graph.apply(BatchNormalization(), [x, scale, shift])
    let y = try outputs[0].map(.relu)
    let upstream = try comparison.input(shape)
    let gradients = try comparison.graph.gradients(
      of: (y * upstream).sum(), withRespectTo: [x, scale, shift])
    try comparison.expect([y, outputs[1], outputs[2]] + gradients, tolerance: 2e-5)
    let kept = try comparison.graph.apply(
      BatchNormalizationInference(), [x, scale, shift, outputs[1], outputs[2]])[0]
    try comparison.expect([kept], tolerance: 2e-5)
  }

  @Test(arguments: [
    ([3, 10], 1), ([4, 7, 5], 1), ([2, 33, 3, 3], 1), ([5, 4], 0), ([130, 100], 1),
  ])
  func softmax(_ dimensions: [Int], axis: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input(Shape(dimensions), from: -30, to: 30)
    let y = try x.applying(Softmax(axis: axis))
    let log = try x.applying(LogSoftmax(axis: axis))
    let upstream = try comparison.input(x.shape)
    let gradients = try comparison.graph.gradients(
      of: (y * upstream).sum() + (log * upstream).sum(), withRespectTo: [x])
    try comparison.expect([y, log] + gradients, tolerance: 2e-6)
  }

  /// Of elements, and of pixels in planes that are no multiple of what is worked on together.
  @Test(arguments: [[33, 10], [2, 5, 7, 3], [2, 11, 19, 31], [3, 1, 16, 16]] as [Shape])
  func crossEntropy(shape: Shape) throws {
    var comparison = Comparison()
    let x = try comparison.input(shape, from: -50, to: 50)
    let target = try comparison.input(shape, from: 0, to: 0.2)
    let loss = try x.applying(SoftmaxCrossEntropy(), target).mean()
    let gradients = try comparison.graph.gradients(of: loss, withRespectTo: [x, target])
    try comparison.expect([loss] + gradients, tolerance: 2e-6)
  }

  /// A pixel without a class adds nothing, whatever its logits are.
  @Test func crossEntropyOfPixelsWithoutAClass() throws {
    let graph = Graph()
    let x = try graph.input("x", [1, 2, 1, 3])
    let target = try graph.input("t", [1, 2, 1, 3])
    let loss = try x.applying(SoftmaxCrossEntropy(), target)
    let plan = try Plan(graph, outputs: [loss], variables: VariableStore())
    try plan.setInput(x, Tensor([1, 2, 1, 3], [0, .infinity, 1000, 0, 0, -1000]))
    try plan.setInput(target, Tensor([1, 2, 1, 3], [1, 0, 0, 0, 0, 2]))
    try plan.run()
    let values = try plan.output(loss).scalars
    #expect(abs(values[0] - 0.6931472) < 1e-6)
    #expect(values[1] == 0 && values[2] == 4000)
  }

  @Test(arguments: [([4, 6], 1), ([3, 5, 7], 1), ([2, 3, 40], 2)])
  func layerNormalization(_ dimensions: [Int], axis: Int) throws {
    var comparison = Comparison()
    let shape = Shape(dimensions)
    let normalized = Shape(Array(dimensions[axis...]))
    let x = try comparison.input(shape)
    let scale = try comparison.input(normalized)
    let shift = try comparison.input(normalized)
    let y = try comparison.graph.apply(LayerNormalization(axis: axis), [x, scale, shift])[0]
    let upstream = try comparison.input(shape)
    let gradients = try comparison.graph.gradients(
      of: (y * upstream).sum(), withRespectTo: [x, scale, shift])
    try comparison.expect([y] + gradients, tolerance: 1e-5)
  }

  @Test(
    arguments: [
      ([5, 7], [7, 3], false, false), ([7, 5], [7, 3], true, false),
      ([5, 7], [3, 7], false, true),
      ([7, 5], [3, 7], true, true), ([2, 3, 4, 5], [5, 6], false, false),
      ([4, 1, 3, 5], [2, 5, 6], false, false), ([3, 70, 65], [3, 90, 65], false, true),
      // So many weights for one row that our own loop takes them.
      ([1, 1029], [1027, 1029], false, true),
    ] as [([Int], [Int], Bool, Bool)])
  func matrixMultiply(_ a: [Int], _ b: [Int], left: Bool, right: Bool) throws {
    var comparison = Comparison()
    let x = try comparison.input(Shape(a))
    let y = try comparison.input(Shape(b))
    let product = try x.applying(MatrixMultiply(transposeLeft: left, transposeRight: right), y)
    let upstream = try comparison.input(product.shape)
    let gradients = try comparison.graph.gradients(
      of: (product * upstream).sum(), withRespectTo: [x, y])
    try comparison.expect([product] + gradients, tolerance: 2e-6)
  }

  @Test(arguments: [2, 3], [1, 16])
  func pixelShuffle(factor: Int, channels: Int) throws {
    var comparison = Comparison()
    let wide = channels * factor * factor
    let x = try comparison.input([2, wide, 4, 3])
    let w = try comparison.input([wide, wide, 1, 1])
    let y = try x.applying(Convolution(), w).applying(DepthToSpace(factor: factor))
    let upstream = try comparison.input(y.shape)
    let gradients = try comparison.graph.gradients(of: (y * upstream).sum(), withRespectTo: [x])
    let back = try y.applying(SpaceToDepth(factor: factor))
    try comparison.expect([y, back] + gradients)
  }

  @Test(arguments: [Upsample.Mode.nearest, .bilinear], [3, 16])
  func upsample(_ mode: Upsample.Mode, channels: Int) throws {
    var comparison = Comparison()
    let x = try comparison.input([2, channels, 4, 3])
    let w = try comparison.input([channels, channels, 1, 1])
    let upsample = Upsample(factor: Size2D(height: 2, width: 3), mode: mode)
    let y = try x.applying(Convolution(), w).applying(upsample)
    let upstream = try comparison.input(y.shape)
    let gradients = try comparison.graph.gradients(of: (y * upstream).sum(), withRespectTo: [x])
    try comparison.expect([y] + gradients)
  }
}
