import Graphs
import Tensors
import TestSupport
import Testing

/// A convolution to try: image, kernel and attributes.
struct ConvolutionCase: CustomTestStringConvertible {
  let batch: Int
  let channels: (into: Int, out: Int)
  let size: Size2D
  let kernel: Size2D
  var convolution = Convolution()

  var input: Shape { [batch, channels.into, size.height, size.width] }
  var weight: Shape {
    [channels.out, channels.into / convolution.groups, kernel.height, kernel.width]
  }
  var testDescription: String { "\(input) by \(weight), \(convolution)" }

  /// Odd and even sizes, strides 1–3, padding on one side and all, dilation, groups, kernels 1–7.
  static let all: [ConvolutionCase] = [
    .init(batch: 1, channels: (1, 1), size: 1, kernel: 1),
    .init(batch: 2, channels: (3, 2), size: 5, kernel: 3),
    .init(batch: 5, channels: (2, 3), size: Size2D(height: 4, width: 3), kernel: 2),
    .init(
      batch: 1, channels: (2, 2), size: 7, kernel: 3,
      convolution: Convolution(strides: 2, padding: 1)),
    .init(
      batch: 2, channels: (1, 3), size: Size2D(height: 9, width: 8), kernel: 5,
      convolution: Convolution(strides: 3, padding: 2)),
    .init(
      batch: 1, channels: (2, 1), size: 8, kernel: 7,
      convolution: Convolution(padding: 3)),
    .init(
      batch: 2, channels: (2, 2), size: Size2D(height: 6, width: 5),
      kernel: Size2D(height: 3, width: 2),
      convolution: Convolution(
        strides: Size2D(height: 2, width: 1),
        padding: EdgePadding(top: 0, left: 2, bottom: 3, right: 1))),
    .init(
      batch: 1, channels: (2, 3), size: 9, kernel: 3,
      convolution: Convolution(padding: 2, dilation: Size2D(height: 2, width: 3))),
    .init(
      batch: 2, channels: (4, 6), size: 5, kernel: 3,
      convolution: Convolution(padding: 1, groups: 2)),
    .init(
      batch: 3, channels: (3, 3), size: 6, kernel: 3,
      convolution: Convolution(strides: 2, padding: 1, groups: 3)),
    .init(
      batch: 1, channels: (2, 4), size: Size2D(height: 1, width: 11),
      kernel: Size2D(height: 1, width: 4),
      convolution: Convolution(
        strides: Size2D(height: 1, width: 3), dilation: Size2D(height: 1, width: 2), groups: 2)),
  ]
}

@Suite struct ConvolutionGradientTests {
  private func values(_ shapes: Shape...) -> [ReferenceTensor] {
    var random = RandomSource(seed: 7)
    return shapes.map { .random($0, &random) }
  }

  @Test(arguments: ConvolutionCase.all)
  func gradientsOfInputAndWeight(_ test: ConvolutionCase) throws {
    let check = try GradientCheck(values(test.input, test.weight)) { (x) throws(GraphError) in
      try x[0].applying(test.convolution, x[1])
    }
    #expect(check.largestError < 1e-8)
  }

  @Test(arguments: ConvolutionCase.all)
  func gradientsOfTheInputGradient(_ test: ConvolutionCase) throws {
    let output = try test.convolution.outputShape(input: test.input, weight: test.weight)
    let operation = ConvolutionInputGradient(of: test.convolution, inputShape: test.input)
    let check = try GradientCheck(values(output, test.weight)) { (x) throws(GraphError) in
      try x[0].applying(operation, x[1])
    }
    #expect(check.largestError < 1e-8)
  }

  @Test(arguments: ConvolutionCase.all)
  func gradientsOfTheWeightGradient(_ test: ConvolutionCase) throws {
    let output = try test.convolution.outputShape(input: test.input, weight: test.weight)
    let operation = ConvolutionWeightGradient(of: test.convolution, weightShape: test.weight)
    let check = try GradientCheck(values(test.input, output)) { (x) throws(GraphError) in
      try x[0].applying(operation, x[1])
    }
    #expect(check.largestError < 1e-8)
  }

  /// 300 drawn shapes: the rule for sizes against places that are counted one by one (the
  /// interpreter compares them), and a few derivatives of each.
  @Test func drawnShapes() throws {
    var random = RandomSource(seed: 23)
    var tried = 0
    while tried < 300 {
      func draw(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + random.integer(below: range.count)
      }
      let groups = draw(1...3)
      let test = ConvolutionCase(
        batch: draw(1...5), channels: (groups * draw(1...2), groups * draw(1...2)),
        size: Size2D(height: draw(1...9), width: draw(1...9)),
        kernel: Size2D(height: draw(1...7), width: draw(1...7)),
        convolution: Convolution(
          strides: Size2D(height: draw(1...3), width: draw(1...3)),
          padding: EdgePadding(
            top: draw(0...3), left: draw(0...3), bottom: draw(0...3), right: draw(0...3)),
          dilation: Size2D(height: draw(1...2), width: draw(1...3)), groups: groups))
      guard (try? test.convolution.outputShape(input: test.input, weight: test.weight)) != nil
      else { continue }
      tried += 1
      let check = try GradientCheck(values(test.input, test.weight), samples: 2) {
        (x) throws(GraphError) in try x[0].applying(test.convolution, x[1])
      }
      #expect(check.largestError < 1e-8, "\(test.testDescription)")
    }
  }

  /// The penalty of a Wasserstein critic: the gradient of (‖∂D/∂x‖ − 1)² with respect to weights.
  @Test func gradientPenaltyThroughConvolutionAndDense() throws {
    let inputs = values([2, 1, 5, 5], [2, 1, 3, 3], [1, 18], [2])
    let check = try GradientCheck(inputs) { (x) throws(GraphError) in
      let hidden = try x[0].applying(Convolution(strides: 2, padding: 1), x[1])
        .applying(BiasAdd(), x[3]).map(.tanh)
      let score = try hidden.reshaped(to: [2, 18])
        .applying(MatrixMultiply(transposeRight: true), x[2])
      let slope = try x[0].graph.gradients(of: score.sum(), withRespectTo: [x[0]])[0]
      let norm = try slope.map(.square).sum(axes: [1, 2, 3]).map(.sqrt)
      return try (norm - 1).map(.square)
    }
    #expect(check.largestError < 1e-7)
  }

  @Test func gradientPenaltyThroughTransposedConvolution() throws {
    let inputs = values([2, 2, 3, 3], [2, 1, 4, 4])
    let check = try GradientCheck(inputs) { (x) throws(GraphError) in
      let transposed = try Convolution(strides: 2, padding: 1)
        .transposed(input: x[0].shape, weight: x[1].shape)
      let image = try x[0].applying(transposed, x[1]).map(.swish)
      let slope = try x[0].graph.gradients(of: image.map(.square).mean(), withRespectTo: [x[0]])[0]
      return try slope.map(.square).sum(axes: [1, 2, 3])
    }
    #expect(check.largestError < 1e-7)
  }
}
