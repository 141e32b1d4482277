import Graphs
import Tensors
import TestSupport
import Testing

/// Pools, normalizations, softmax, upsampling: gradients against finite differences.
@Suite struct LayerGradientTests {
  private func check(
    _ shapes: [Shape], seed: UInt64 = 17, differentiable: [Int]? = nil,
    _ build: ([Node]) throws(GraphError) -> Node
  ) throws -> Double {
    var random = RandomSource(seed: seed)
    let inputs = shapes.map { ReferenceTensor.random($0, from: 0.5, to: 2, &random) }
    return try GradientCheck(inputs, differentiable: differentiable, samples: 24, build)
      .largestError
  }

  static let windows: [(Shape, MaxPool)] = [
    ([2, 3, 4, 4], MaxPool(window: 2)),
    ([1, 1, 7, 5], MaxPool(window: 2)),
    ([5, 2, 5, 6], MaxPool(window: 3, strides: 2)),
    ([1, 2, 7, 7], MaxPool(window: 3, strides: 2, padding: 1)),
    ([1, 1, 6, 5], MaxPool(window: Size2D(height: 3, width: 2), strides: 1, padding: 1)),
    (
      [2, 1, 5, 5],
      MaxPool(window: 3, strides: 3, padding: EdgePadding(top: 0, left: 2, bottom: 1, right: 0))
    ),
  ]

  @Test(arguments: windows)
  func pools(_ image: Shape, _ pool: MaxPool) throws {
    #expect(try check([image]) { (x) throws(GraphError) in try x[0].applying(pool) } < 1e-7)
    for countsPadding in [true, false] {
      let average = AveragePool(
        window: pool.window, strides: pool.strides, padding: pool.padding,
        countsPadding: countsPadding)
      let error = try check([image]) { (x) throws(GraphError) in
        let y = try x[0].applying(average)
        let slope = try x[0].graph.gradients(of: y.map(.square).sum(), withRespectTo: x)[0]
        return try slope + x[0].applying(average).sum()
      }
      #expect(error < 1e-7)
    }
  }

  @Test func dilatedMaxPool() throws {
    let pool = MaxPool(window: 2, strides: 1, padding: 1, dilation: 3)
    let error = try check([[2, 2, 6, 7]]) { (x) throws(GraphError) in try x[0].applying(pool) }
    #expect(error < 1e-7)
  }

  @Test(arguments: [[4, 3], [3, 2, 5], [2, 3, 3, 2], [5, 1, 1, 1], [1, 2, 3, 3]])
  func batchNormalization(_ dimensions: [Int]) throws {
    let shape = Shape(dimensions)
    let channels: Shape = [shape[1]]
    let training = try check([shape, channels, channels]) { (x) throws(GraphError) in
      try x[0].applying(BatchNormalization(epsilon: 0.01), x[1], x[2])
    }
    #expect(training < 1e-6)
    let inference = try check([shape] + [Shape](repeating: channels, count: 4)) {
      (x) throws(GraphError) in
      try x[0].graph.apply(BatchNormalizationInference(epsilon: 0.01), x)[0]
    }
    #expect(inference < 1e-6)
  }

  /// The gradient of the gradient, with respect to input, scale and weights before it.
  @Test(arguments: [[4, 3], [3, 2, 5], [2, 3, 3, 2]])
  func secondDerivativesOfNormalizations(_ dimensions: [Int]) throws {
    let shape = Shape(dimensions)
    let channels: Shape = [shape[1]]
    let sample = Shape(shape.dimensions[1...])
    let batch = try check([shape, channels, channels, shape]) { (x) throws(GraphError) in
      let y = try (x[0] * x[3]).applying(BatchNormalization(epsilon: 0.01), x[1], x[2])
      let slopes = try x[0].graph.gradients(of: y.map(.exp).sum(), withRespectTo: x)
      return try slopes[0] * slopes[3] + slopes[1].sum() * slopes[2].sum()
    }
    #expect(batch < 1e-5)
    let layer = try check([shape, sample, sample, shape]) { (x) throws(GraphError) in
      let y = try (x[0] * x[3])
        .applying(LayerNormalization(axis: 1, epsilon: 0.01), x[1], x[2])
      let slopes = try x[0].graph.gradients(of: y.map(.exp).sum(), withRespectTo: x)
      return try slopes[0] * slopes[3] + slopes[1] * slopes[2]
    }
    #expect(layer < 1e-5)
  }

  /// An input that is there twice receives the sum of both gradients, once.
  @Test func secondDerivativeOfOneNodeInTwoPlaces() throws {
    let error = try check([[3, 4], [4]]) { (x) throws(GraphError) in
      let gradient = LayerNormalizationGradient(axis: 1, epsilon: 0.01)
      return try x[0].applying(gradient, x[1], x[0]).map(.square)
    }
    #expect(error < 1e-6)
  }

  @Test func gradientsOfBatchStatistics() throws {
    let error = try check([[3, 2, 4], [2], [2]]) { (x) throws(GraphError) in
      let outputs = try x[0].graph.apply(BatchNormalization(epsilon: 0.01), x)
      return try outputs[0].map(.square).sum() + outputs[1].map(.exp) * outputs[2].map(.sqrt)
    }
    #expect(error < 1e-6)
    let statisticsAlone = try check([[3, 2, 4]]) { (x) throws(GraphError) in
      let one = x[0].graph.constant(Tensor([2], [1, 1]))
      let outputs = try x[0].graph.apply(BatchNormalization(epsilon: 0.01), [x[0], one, one])
      return outputs[2]
    }
    #expect(statisticsAlone < 1e-6)
  }

  @Test func layerNormalization() throws {
    for axis in 1..<4 {
      let shape: Shape = [2, 3, 2, 4]
      let scale = Shape(shape.dimensions[axis...])
      let error = try check([shape, scale, scale]) { (x) throws(GraphError) in
        try x[0].applying(LayerNormalization(axis: axis, epsilon: 0.01), x[1], x[2])
      }
      #expect(error < 1e-6)
    }
  }

  @Test func softmaxAndItsLogarithm() throws {
    for axis in 0..<3 {
      for operation in [Softmax(axis: axis), LogSoftmax(axis: axis)] as [any Operation] {
        let error = try check([[3, 4, 2]]) { (x) throws(GraphError) in
          let y = try x[0].applying(operation)
          let slope = try x[0].graph.gradients(of: y.map(.square).sum(), withRespectTo: x)[0]
          return try y + slope
        }
        #expect(error < 1e-6)
      }
    }
  }

  /// Of elements, and of the pixels of images.
  @Test(arguments: [[5, 4], [2, 3, 2, 4]] as [Shape]) func crossEntropy(shape: Shape) throws {
    let error = try check([shape, shape]) { (x) throws(GraphError) in
      try x[0].applying(SoftmaxCrossEntropy(), x[1]).map(.square)
    }
    #expect(error < 1e-6)
    let second = try check([shape, shape]) { (x) throws(GraphError) in
      let loss = try x[0].applying(SoftmaxCrossEntropy(), x[1]).map(.square)
      let slopes = try x[0].graph.gradients(of: loss.sum(), withRespectTo: x)
      return try slopes[0] * slopes[1]
    }
    #expect(second < 1e-5)
  }

  @Test func crossEntropyOfLargeLogitsIsFinite() throws {
    let graph = Graph()
    let logits = graph.constant(Tensor([1, 2], [1000, -1000]))
    let loss = try logits.applying(SoftmaxCrossEntropy(), graph.constant(Tensor([1, 2], [0, 1])))
    #expect(Interpreter(graph).run([loss])[0].values == [2000])
  }

  @Test(arguments: [Upsample.Mode.nearest, .bilinear])
  func upsampling(_ mode: Upsample.Mode) throws {
    let cases: [(Shape, Size2D)] = [
      ([2, 1, 3, 4], 2), ([1, 3, 1, 1], 3), ([1, 2, 2, 5], Size2D(height: 1, width: 4)),
    ]
    for (image, factor) in cases {
      let error = try check([image]) { (x) throws(GraphError) in
        let y = try x[0].applying(Upsample(factor: factor, mode: mode))
        return try x[0].graph.gradients(of: y.map(.square).sum(), withRespectTo: x)[0]
      }
      #expect(error < 1e-7)
    }
  }

  @Test func pixelShuffles() throws {
    for (image, factor) in [([2, 4, 2, 3], 2), ([1, 9, 1, 1], 3)] as [(Shape, Int)] {
      let error = try check([image]) { (x) throws(GraphError) in
        let y = try x[0].applying(DepthToSpace(factor: factor))
        return try x[0].graph.gradients(of: y.map(.square).sum(), withRespectTo: x)[0]
      }
      #expect(error < 1e-7)
    }
    let error = try check([[1, 2, 4, 6]]) { (x) throws(GraphError) in
      let y = try x[0].applying(SpaceToDepth(factor: 2))
      return try x[0].graph.gradients(of: y.map(.square).sum(), withRespectTo: x)[0]
    }
    #expect(error < 1e-7)
  }

  @Test func dropoutMask() throws {
    let graph = Graph()
    let mask = try graph.apply(DropoutMask(keepProbability: 0.75, shape: [100, 100]))
    let other = try graph.apply(DropoutMask(keepProbability: 0.75, shape: [100, 100]))
    let interpreter = Interpreter(graph)
    let first = interpreter.run([mask, other])
    let kept = first[0].values.count { $0 == 1 / 0.75 }
    #expect(abs(kept - 7500) < 200)
    #expect(first[0].values.count { $0 == 0 } == 10_000 - kept)
    #expect(first[0].values != first[1].values)
    #expect(first[0].values != interpreter.run([mask])[0].values)
    #expect(first[0].values == Interpreter(graph).run([mask])[0].values)
  }
}
