import Graphs
import Tensors
import TestSupport
import Testing

/// Shapes and attributes that do not fit give errors, however large they are.
@Suite struct BadShapeTests {
  @Test func outputSizes() throws {
    // floor((n + 2p − d(f − 1) − 1) / s) + 1
    for (n, f, s, p, d, expected) in [
      (6, 3, 1, 1, 1, 6), (28, 3, 1, 0, 1, 26), (7, 3, 2, 0, 1, 3), (8, 3, 2, 0, 1, 3),
      (7, 3, 3, 1, 2, 2), (5, 5, 1, 0, 1, 1), (32, 4, 2, 1, 1, 16),
    ] {
      let convolution = Convolution(
        strides: Size2D(s), padding: EdgePadding(p), dilation: Size2D(d))
      let shape = try convolution.outputShape(input: [1, 1, n, n], weight: [1, 1, f, f])
      #expect(shape == [1, 1, expected, expected])
    }
  }

  @Test func transposedSizesUndoStrides() throws {
    for (n, f, s, p, extra, expected) in [
      (4, 4, 2, 1, 0, 8), (1, 4, 1, 0, 0, 4), (5, 3, 2, 1, 1, 10), (3, 2, 3, 0, 2, 10),
    ] {
      let operation = try Convolution(strides: Size2D(s), padding: EdgePadding(p)).transposed(
        input: [1, 1, n, n], weight: [1, 1, f, f], outputPadding: Size2D(extra))
      #expect(operation.inputShape == [1, 1, expected, expected])
      #expect(try operation.outputShapes([[1, 1, n, n], [1, 1, f, f]]) == [operation.inputShape])
    }
  }

  @Test func windowsThatLeaveTheImage() {
    expectError(
      "Convolution: expected an image that holds the 3×3 window (dilation 1×1, "
        + "padding 0,0,0,0), received 2×5"
    ) { () throws(GraphError) in
      _ = try Convolution().outputShape(input: [1, 1, 2, 5], weight: [1, 1, 3, 3])
    }
    expectError("MaxPool: expected a padding smaller than the 2×2 window, received 2,0,0,0") {
      () throws(GraphError) in
      _ = try MaxPool(window: 2, padding: EdgePadding(top: 2, left: 0, bottom: 0, right: 0))
        .outputShapes([[1, 1, 4, 4]])
    }
  }

  @Test func hugeShapesAreErrors() throws {
    let graph = Graph()
    for shape: Shape in [
      [1 << 60], [1 << 30, 1 << 30], [.max, .max], [0], [-3, 2], [1 << 20, 1 << 20, 2],
    ] {
      #expect(throws: GraphError.self) { try graph.input("x \(shape)", shape) }
      #expect(throws: GraphError.self) { try graph.parameter("w \(shape)", shape, .zeros) }
    }
  }

  static let extremes = [Int.min, -1, 0, 1, 2, 1 << 31, (1 << 31) - 1, 1 << 60, .max]

  /// Nothing here may trap; whether it is an error is the operation's matter.
  @Test(arguments: extremes)
  func extremeAttributesNeverTrap(_ extreme: Int) throws {
    let graph = Graph()
    let x = try graph.input("x", [2, 4, 6, 6])
    let w = try graph.input("w", [4, 4, 3, 3])
    let wide = try graph.input("wide", [1, 1, 1, (1 << 31) - 1])
    let extent = Size2D(height: extreme, width: 1)
    let padding = EdgePadding(top: extreme, left: 0, bottom: extreme, right: extreme)
    let convolutions = [
      Convolution(strides: extent), Convolution(padding: padding), Convolution(dilation: extent),
      Convolution(groups: extreme),
    ]
    for convolution in convolutions {
      _ = try? x.applying(convolution, w)
      _ = try? wide.applying(convolution, wide)
      _ = try? convolution.transposed(input: x.shape, weight: w.shape)
      _ = try? convolution.transposed(input: wide.shape, weight: wide.shape)
      _ = try? convolution.transposed(
        input: x.shape, weight: w.shape, outputPadding: Size2D(extreme))
      let shape: Shape = [extreme, 4, extreme, 6]
      _ = try? x.applying(ConvolutionInputGradient(of: convolution, inputShape: shape), w)
      _ = try? x.applying(ConvolutionWeightGradient(of: convolution, weightShape: shape), x)
    }
    let operations: [any Operation] = [
      MaxPool(window: extent), MaxPool(window: 2, strides: extent),
      MaxPool(window: 2, padding: padding), MaxPool(window: 2, dilation: extent),
      AveragePool(window: extent), AveragePool(window: 2, padding: padding),
      AveragePoolGradient(of: AveragePool(window: 2), inputShape: [extreme, 4, 12, extreme]),
      Upsample(factor: extent, mode: .nearest), DepthToSpace(factor: extreme),
      SpaceToDepth(factor: extreme),
      UpsampleGradient(of: Upsample(factor: extent, mode: .nearest)),
      Reshape([extreme, extreme]), Broadcast([extreme, 2, 4, 6, 6]), Broadcast([extreme]),
      Reduce(.sum, axes: [extreme]), Softmax(axis: extreme), LogSoftmax(axis: extreme),
      Transpose([extreme, 0, 1, 2]), Concatenate(axis: extreme),
      Pad(before: [extreme, 0, 0, 0], after: [0, extreme, 0, 0]),
      Pad(before: [extreme, 0, 0, 0], after: [0, 0, 0, 0], mode: .reflect101),
      Slice(starts: [extreme, 0, 0, 0], ends: [extreme, 1, 1, 1], steps: [1, 1, 1, extreme]),
      Slice(starts: [0, 0, 0, 0], ends: [extreme, 1, 1, 1], steps: [extreme, 1, 1, 1]),
      SliceGradient(
        of: Slice(starts: [0, 0, 0, 0], ends: [2, 4, 6, 6]), inputShape: [extreme, 4, 6, extreme]),
      LayerNormalization(axis: extreme), Gather(axis: extreme),
      GatherGradient(axis: extreme, inputShape: [extreme, 2]),
      RandomNormal(shape: [extreme, extreme]),
    ]
    for operation in operations {
      for inputs in [[], [x], [x, x], [x, x, x], [wide]] { _ = try? graph.apply(operation, inputs) }
    }
  }

  @Test func inputsThatDoNotFit() throws {
    let graph = Graph()
    let x = try graph.input("x", [2, 3])
    let image = try graph.input("image", [2, 3, 4, 4])
    let cases: [(any Operation, [Node], String)] = [
      (
        Convolution(), [x, x],
        "Convolution: expected an image batch N×C×H×W with 4 axes, received 2×3"
      ),
      (Convolution(), [image], "Convolution: expected 2 inputs, received 1"),
      (
        MatrixMultiply(), [x, x],
        "MatrixMultiply: expected equal inner extents, received 3 (of 2×3) and 2 (of 2×3)"
      ),
      (BiasAdd(), [image, x], "BiasAdd: expected a bias of shape 3, received 2×3"),
      (Reshape([4]), [x], "Reshape: expected 4 elements for 4, received 6 (2×3)"),
      (
        Concatenate(axis: 0), [x, image],
        "Concatenate: expected 2×3 but for axis 0, received 2×3×4×4"
      ),
      (
        SoftmaxCrossEntropy(), [image, x],
        "SoftmaxCrossEntropy: expected targets of shape 2×3×4×4, received 2×3"
      ),
      (
        DropoutMask(keepProbability: 0, shape: [2]), [],
        "DropoutMask: expected a probability in (0, 1], received 0.0"
      ),
      (ActivationGradient(.exp), [x, x], "ActivationGradient(exp): expected an activation"),
      (
        Slice(starts: [0, 0], ends: [2, 4]), [x],
        "Slice: expected a range within 0..<3 on axis 1, received 0..<4"
      ),
      (OptimizerUpdate(.adam()), [x, x], "OptimizerUpdate: expected 6 inputs, received 2"),
    ]
    for (operation, inputs, message) in cases {
      expectError(message) { () throws(GraphError) in _ = try graph.apply(operation, inputs) }
    }
  }
}
