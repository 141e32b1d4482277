import Graphs
import Tensors

extension Reshape: ExportableOperation {
  /// An extent that the batch decides on is kept, or else is what is left.
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let (input, batch) = (vertex.inputs[0].shape, vertex.writer.batch)
    var hasFree = false
    var extents: [Int] = []
    for (axis, extent) in shape.dimensions.enumerated() {
      if axis == 0, extent == batch, input.rank > 0, input[0] == batch {
        extents.append(0)
      } else if extent % batch == 0, input.dimensions.contains(where: { $0 % batch == 0 }) {
        guard !hasFree else { throw vertex.unsupported("a reshaping to \(shape)") }
        hasFree = true
        extents.append(-1)
      } else {
        extents.append(extent)
      }
    }
    vertex.finish("Reshape", [vertex.input(0), vertex.writer.constant(extents)])
  }
}

extension Broadcast: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let input = vertex.inputs[0].shape
    let offset = shape.rank - input.rank
    let extents = try shape.dimensions.enumerated().map { (axis, extent) throws(ONNXError) in
      guard extent == vertex.writer.batch else { return extent }
      guard axis >= offset, input[axis - offset] == extent else {
        throw vertex.unsupported("a repetition over the batch")
      }
      return 1
    }
    vertex.finish("Expand", [vertex.input(0), vertex.writer.constant(extents)])
  }
}

extension Transpose: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish("Transpose", [vertex.input(0)], [.integers("perm", permutation)])
  }
}

extension Pad: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    var inputs = [vertex.input(0), vertex.writer.constant(before + after)]
    let name: String
    switch mode {
    case .constant(let value):
      name = "constant"
      inputs.append(vertex.writer.constant([value]))
    case .reflect101: name = "reflect"
    case .replicate: name = "edge"
    }
    vertex.finish("Pad", inputs, [.text("mode", name)])
  }
}

extension Slice: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let input = vertex.inputs[0].shape
    let axes = input.dimensions.indices.filter {
      starts[$0] != 0 || ends[$0] != input[$0] || steps[$0] != 1
    }
    guard !axes.contains(where: { input[$0] == vertex.writer.batch }) else {
      throw vertex.unsupported("a part of the batch")
    }
    let writer = vertex.writer
    vertex.finish(
      "Slice",
      [
        vertex.input(0), writer.constant(axes.map { starts[$0] }),
        writer.constant(axes.map { ends[$0] }), writer.constant(axes),
        writer.constant(axes.map { steps[$0] }),
      ])
  }
}

extension Concatenate: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish("Concat", vertex.inputs.indices.map(vertex.input), [.integer("axis", axis)])
  }
}

extension Gather: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let indices = vertex.step(
      "Cast", [vertex.input(1)], [.integer("to", ONNXElement.int64.rawValue)])
    vertex.finish("Gather", [vertex.input(0), indices], [.integer("axis", axis)])
  }
}

extension Reduce: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let keeps = ProtoAttribute.integer("keepdims", keepsAxes ? 1 : 0)
    let listed = ProtoAttribute.integers("axes", axes)
    let x = vertex.input(0)
    if axes.isEmpty { return vertex.finish("Identity", [x]) }
    switch kind {
    // Of these the opset has axes as an input for the sum alone.
    case .sum: vertex.finish("ReduceSum", [x, vertex.writer.constant(axes)], [keeps])
    case .mean: vertex.finish("ReduceMean", [x], [listed, keeps])
    case .max: vertex.finish("ReduceMax", [x], [listed, keeps])
    case .min: vertex.finish("ReduceMin", [x], [listed, keeps])
    case .product: vertex.finish("ReduceProd", [x], [listed, keeps])
    }
  }
}

extension DepthToSpace: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    vertex.finish(
      "DepthToSpace", [vertex.input(0)],
      [.integer("blocksize", factor), .text("mode", "CRD")])
  }
}

extension SpaceToDepth: ExportableOperation {
  /// ONNX puts the channels of a place side by side; a `Gather` brings those of a channel together.
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let (channels, places) = (vertex.inputs[0].shape[1], factor * factor)
    let block = ProtoAttribute.integer("blocksize", factor)
    guard channels > 1 else { return vertex.finish("SpaceToDepth", [vertex.input(0)], [block]) }
    let order = (0..<channels).flatMap { channel in
      (0..<places).map { $0 * channels + channel }
    }
    vertex.finish(
      "Gather",
      [
        vertex.step("SpaceToDepth", [vertex.input(0)], [block]), vertex.writer.constant(order),
      ], [.integer("axis", 1)])
  }
}
