import Graphs
import Tensors

extension Size2D {
  fileprivate var list: [Int] { [height, width] }
}

extension EdgePadding {
  /// As ONNX orders it: those before each axis, then those behind.
  fileprivate var list: [Int] { [top, left, bottom, right] }
}

extension Convolution {
  fileprivate var attributes: [ProtoAttribute] {
    [
      .integers("strides", strides.list), .integers("dilations", dilation.list),
      .integer("group", groups),
    ]
  }
}

extension Convolution: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let weight = vertex.inputs[1].shape
    vertex.finish(
      "Conv", [vertex.input(0), vertex.input(1)],
      attributes + [
        .integers("kernel_shape", [weight[2], weight[3]]), .integers("pads", padding.list),
      ])
  }
}

extension ConvolutionInputGradient: ExportableOperation {
  /// A transposed convolution, whose output's size the padding at the far end decides.
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let (x, weight) = (vertex.inputs[0].shape, vertex.inputs[1].shape)
    let (strides, dilations) = (
      [convolution.strides.height, convolution.strides.width],
      [convolution.dilation.height, convolution.dilation.width]
    )
    let padding = convolution.padding
    let pads = [(padding.top, padding.bottom), (padding.left, padding.right)]
    let extra = (0..<2).map { axis in
      inputShape[axis + 2]
        - ((x[axis + 2] - 1) * strides[axis] + dilations[axis] * (weight[axis + 2] - 1) + 1
          - pads[axis].0 - pads[axis].1)
    }
    guard extra.allSatisfy({ $0 >= 0 }) else { throw vertex.unsupported("this convolution") }
    vertex.finish(
      "ConvTranspose", [vertex.input(0), vertex.input(1)],
      convolution.attributes + [
        .integers("kernel_shape", [weight[2], weight[3]]), .integers("pads", padding.list),
        .integers("output_padding", extra),
      ])
  }
}

extension MaxPool: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish(
      "MaxPool", [vertex.input(0)],
      [
        .integers("kernel_shape", window.list), .integers("strides", strides.list),
        .integers("pads", padding.list), .integers("dilations", dilation.list),
      ])
  }
}

extension AveragePool: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish(
      "AveragePool", [vertex.input(0)],
      [
        .integers("kernel_shape", window.list), .integers("strides", strides.list),
        .integers("pads", padding.list), .integer("count_include_pad", countsPadding ? 1 : 0),
      ])
  }
}

extension Upsample: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let scales = vertex.writer.constant([1, 1, Float(factor.height), Float(factor.width)], [4])
    let how: [ProtoAttribute] =
      switch mode {
      case .nearest:
        [
          .text("mode", "nearest"), .text("coordinate_transformation_mode", "asymmetric"),
          .text("nearest_mode", "floor"),
        ]
      case .bilinear:
        [.text("mode", "linear"), .text("coordinate_transformation_mode", "half_pixel")]
      }
    vertex.finish("Resize", [vertex.input(0), "", scales], how)
  }
}
