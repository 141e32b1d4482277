import Graphs
import Tensors

extension BuildContext {
  /// Applies an activation to a layer's result. Parametric ReLU declares the parameter `slope`.
  public mutating func activate(
    _ input: Node, _ activation: Activation
  ) throws(NetworkError) -> Node {
    switch activation {
    case .linear: return input
    case .sigmoid: return try apply(Unary(.sigmoid), input)
    case .hardSigmoid: return try apply(Unary(.hardSigmoid()), input)
    case .tanh: return try apply(Unary(.tanh), input)
    case .relu: return try apply(Unary(.relu), input)
    case .relu6: return try apply(Unary(.clip(minimum: 0, maximum: 6)), input)
    case .leakyReLU(let slope): return try apply(Unary(.leakyReLU(slope: slope)), input)
    case .elu(let alpha): return try apply(Unary(.elu(alpha: alpha)), input)
    case .swish: return try apply(Unary(.swish), input)
    case .gelu: return try apply(Unary(.gelu), input)
    case .softplus: return try apply(Unary(.softplus), input)
    case .softmax:
      try requireChannels(of: input, activation)
      return try apply(Softmax(axis: 1), input)
    case .prelu: return try prelu(input)
    case .maxout(let pieces): return try maxout(input, pieces: pieces)
    }
  }

  /// max(x, 0) − slope · max(−x, 0), one slope for each channel.
  private mutating func prelu(_ input: Node) throws(NetworkError) -> Node {
    try requireChannels(of: input, .prelu)
    let channels = input.shape[1]
    let slope = try parameter("slope", [channels], .constant(Float(Activation.initialSlope)))
    let alongChannels = Shape([channels] + [Int](repeating: 1, count: input.shape.rank - 2))
    let slopes = try apply(Graphs.Reshape(alongChannels), slope)
    let positive = try apply(Unary(.relu), input)
    let negative = try apply(Unary(.relu), try apply(Unary(.negate), input))
    return try apply(Binary(.subtract), positive, try apply(Binary(.multiply), negative, slopes))
  }

  /// Channel c of the result is the largest of the channels c · pieces … (c + 1) · pieces − 1.
  private func maxout(_ input: Node, pieces: Int) throws(NetworkError) -> Node {
    try requireChannels(of: input, .maxout(pieces: pieces))
    let shape = input.shape
    guard Limit.count.contains(pieces), shape[1] % pieces == 0 else {
      throw mismatch(expected: "channels in multiples of \(pieces) for maxout", received: input)
    }
    let rest = shape.dimensions.dropFirst(2)
    let grouped = Shape([shape[0], shape[1] / pieces, pieces] + rest)
    let split = try apply(Graphs.Reshape(grouped), input)
    return try apply(Reduce(.max, axes: [2], keepsAxes: false), split)
  }

  private func requireChannels(
    of input: Node, _ activation: Activation
  ) throws(NetworkError) {
    guard input.shape.rank >= 2 else {
      throw mismatch(expected: "a batch with channels for \(activation)", received: input)
    }
  }
}
