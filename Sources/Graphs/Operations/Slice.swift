import Tensors

/// Every `step`-th element from `start` up to but without `end`, along each axis.
///
/// Input: x. Output: extent i is ⌈(end − start) / step⌉.
public struct Slice: Operation {
  public let starts: [Int]
  public let ends: [Int]
  public let steps: [Int]

  /// - Parameter steps: 1 or more for each axis; nil for 1 everywhere.
  public init(starts: [Int], ends: [Int], steps: [Int]? = nil) {
    self.starts = starts
    self.ends = ends
    self.steps = steps ?? [Int](repeating: 1, count: starts.count)
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    let input = inputs[0]
    try require(
      [starts, ends, steps].allSatisfy { $0.count == input.rank },
      "expected starts, ends and steps for the \(input.rank) axes of \(input)")
    for axis in input.dimensions.indices {
      try require(
        starts[axis] >= 0 && starts[axis] < ends[axis] && ends[axis] <= input[axis],
        "expected a range within 0..<\(input[axis]) on axis \(axis), received "
          + "\(starts[axis])..<\(ends[axis])")
      try require(
        (1...Limits.maxExtent).contains(steps[axis]),
        "expected a step of 1 or more, received \(steps[axis])")
    }
    return [
      Shape(
        input.dimensions.indices.map { axis in
          (ends[axis] - starts[axis] + steps[axis] - 1) / steps[axis]
        })
    ]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [
      try request.onlyUpstream(self).applying(
        SliceGradient(of: self, inputShape: request.inputs[0].shape))
    ]
  }
}

/// The gradient of a slice: dy laid where it was taken from, zeros elsewhere.
///
/// Input: dy. Output: dx, of the given shape.
public struct SliceGradient: Operation {
  public let slice: Slice
  public let inputShape: Shape

  public init(of slice: Slice, inputShape: Shape) {
    self.slice = slice
    self.inputShape = inputShape
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(inputShape.isUsable, "expected a usable input shape, received \(inputShape)")
    try require(inputs[0], equals: try slice.outputShapes([inputShape])[0], "an output gradient")
    return [inputShape]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    [try request.onlyUpstream(self).applying(slice)]
  }
}
