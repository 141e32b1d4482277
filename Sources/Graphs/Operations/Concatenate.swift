import Tensors

/// Lays tensors one after the other along an axis. Their other extents are equal.
public struct Concatenate: Operation {
  public let axis: Int

  public init(axis: Int) {
    self.axis = axis
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    guard let first = inputs.first else {
      throw failure("expected 1 or more inputs, received none")
    }
    try require(axes: [axis], in: first)
    var extent = 0
    for input in inputs {
      try require(
        input.rank == first.rank && input.replacing(axis: axis, with: first[axis]) == first,
        "expected \(first) but for axis \(axis), received \(input)")
      extent += input[axis]
    }
    return [first.replacing(axis: axis, with: extent)]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    var gradients: [Node?] = []
    var start = 0
    for (index, input) in request.inputs.enumerated() {
      let end = start + input.shape[axis]
      let slice = Slice(
        starts: Shape([Int](repeating: 0, count: upstream.shape.rank))
          .replacing(axis: axis, with: start).dimensions,
        ends: upstream.shape.replacing(axis: axis, with: end).dimensions)
      gradients.append(
        try request.ifNeeded(index) { () throws(GraphError) in try upstream.applying(slice) })
      start = end
    }
    return gradients
  }
}
