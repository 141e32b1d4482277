import Tensors

/// Picks slices along an axis by number; an embedding is `Gather(axis: 0)` on its table.
///
///     y[…, i…, …] = x[…, indices[i…], …]
///
/// Inputs: x [A…, K, B…], indices [I…] (floats that hold whole numbers 0 ..< K). Output:
/// [A…, I…, B…]. An index outside gives not-a-numbers.
public struct Gather: Operation {
  public let axis: Int

  public init(axis: Int) {
    self.axis = axis
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    try require(axes: [axis], in: inputs[0])
    return [Self.outputShape(inputs[0], axis, indices: inputs[1])]
  }

  static func outputShape(_ input: Shape, _ axis: Int, indices: Shape) -> Shape {
    Shape(
      Array(input.dimensions[..<axis]) + indices.dimensions
        + Array(input.dimensions[(axis + 1)...]))
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    return [
      try request.ifNeeded(0) { () throws(GraphError) in
        try upstream.applying(
          GatherGradient(axis: axis, inputShape: request.inputs[0].shape), request.inputs[1])
      }, nil,
    ]
  }
}

/// The gradient of a gather: every slice of dy added where it was picked from.
///
/// Inputs: dy [A…, I…, B…], indices [I…]. Output: dx [A…, K, B…]. Slices with an index outside are
/// left out.
public struct GatherGradient: Operation {
  public let axis: Int
  public let inputShape: Shape

  public init(axis: Int, inputShape: Shape) {
    self.axis = axis
    self.inputShape = inputShape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    try require(axes: [axis], in: inputShape)
    try require(
      inputs[0], equals: Gather.outputShape(inputShape, axis, indices: inputs[1]),
      "an output gradient")
    return [inputShape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(Gather(axis: axis), request.inputs[1]), nil]
  }
}
