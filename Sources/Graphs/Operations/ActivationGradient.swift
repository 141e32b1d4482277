import Tensors

/// The gradient of an activation in one pass: dx = dy · f′.
///
/// Inputs: dy, and r, which is the activation's output y where f′ can be told from it (so that x
/// need not be kept), else its input x. Output: dx. All have one shape.
///
/// | f | r | f′ |
/// |---|---|---|
/// | ReLU | y | 1 where y > 0, else 0 |
/// | leaky ReLU | y | 1 where y > 0, else slope |
/// | ELU | y | 1 where y > 0, else y + alpha |
/// | tanh | y | 1 − y² |
/// | sigmoid | y | y · (1 − y) |
/// | hard sigmoid | y | slope where 0 < y < 1, else 0 |
/// | clip | y | 1 where minimum < y < maximum, else 0 |
/// | GELU | x | Φ(x) + x · φ(x) |
/// | swish | x | σ(x) · (1 + x · (1 − σ(x))) |
/// | softplus | x | σ(x) |
public struct ActivationGradient: Operation {
  public let kind: Unary.Kind

  public init(_ kind: Unary.Kind) {
    self.kind = kind
  }

  public var name: String { "ActivationGradient(\(kind))" }

  /// Whether the second input is the activation's output rather than its input.
  public var readsOutput: Bool {
    switch kind {
    case .gelu, .swish, .softplus: false
    default: true
    }
  }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 2)
    switch kind {
    case .relu, .leakyReLU, .elu, .tanh, .sigmoid, .hardSigmoid, .clip, .gelu, .swish, .softplus:
      break
    default: throw failure("expected an activation")
    }
    try require(inputs[0], equals: inputs[1], "an output gradient")
    return [inputs[0]]
  }

  /// Linear in dy; the derivative of f′ by r is made of elementary operations.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (outputGradient, reference) = (request.inputs[0], request.inputs[1])
    return [
      try request.ifNeeded(0) { () throws(GraphError) in try upstream.applying(self, reference) },
      try request.ifNeeded(1) { () throws(GraphError) in
        guard let slope = try derivativeOfSlope(reference) else { return nil }
        return try upstream * outputGradient * slope
      },
    ]
  }

  /// d f′ / d r; nil where it is zero.
  private func derivativeOfSlope(_ r: Node) throws(GraphError) -> Node? {
    switch kind {
    case .tanh: return try r * -2
    case .sigmoid: return try 1 - r * 2
    case .elu: return try 1 - r.map(.step)
    case .gelu:
      // φ(x) · (2 − x²)
      let square = try r.map(.square)
      let density = try (square * -0.5).map(.exp) * (1 / (2 * Float.pi).squareRoot())
      return try density * (2 - square)
    case .swish:
      // σ(1 − σ)(2 + x(1 − 2σ))
      let sigmoid = try r.map(.sigmoid)
      return try sigmoid * (1 - sigmoid) * (2 + r * (1 - sigmoid * 2))
    case .softplus:
      let sigmoid = try r.map(.sigmoid)
      return try sigmoid * (1 - sigmoid)
    default: return nil
    }
  }
}
