import Tensors

/// A function of one number for each element. Input: x. Output: y, of x's shape.
public struct Unary: Operation {
  public enum Kind: Hashable, Sendable {
    case negate, exp, log, reciprocal, abs, square, sin, cos
    /// √x; its gradient at 0 is infinite.
    case sqrt
    /// The error function 2/√π ∫₀ˣ e^(−t²) dt.
    case erf
    /// −1, 0 or 1.
    case sign
    /// 1 where x > 0, else 0.
    case step
    /// To the next whole number below, above, or nearest with halves to even.
    case floor, ceil, round
    case tanh
    /// 1 / (1 + e⁻ˣ).
    case sigmoid
    /// slope · x + offset, clipped to 0…1. Keras' and PyTorch's is x/6 + ½.
    case hardSigmoid(slope: Float = 1 / 6, offset: Float = 0.5)
    /// max(x, 0) (V. Nair, G. Hinton, 2010). Its derivative at 0 is 0.
    case relu
    /// x where x > 0, else slope · x (A. Maas et al., 2013).
    case leakyReLU(slope: Float = 0.01)
    /// x where x > 0, else alpha · (eˣ − 1) (D.-A. Clevert et al., 2016).
    case elu(alpha: Float = 1)
    /// x · Φ(x) with the exact normal distribution Φ (D. Hendrycks, K. Gimpel, 2016).
    case gelu
    /// x · sigmoid(x), also SiLU (P. Ramachandran et al., 2017).
    case swish
    /// ln(1 + eˣ).
    case softplus
    /// Limited to minimum…maximum; ReLU6 is 0…6. The derivative at both ends is 0.
    case clip(minimum: Float, maximum: Float)
    /// To the nearest number of a smaller format, ties to even.
    case rounded(to: SmallFloat)
  }

  /// The floating-point formats of 16 bits.
  public enum SmallFloat: Hashable, Sendable {
    /// IEEE 754 binary16: 11 bits of precision, infinite beyond ±65,504 and half a step.
    case float16
    /// The upper half of a 32-bit float: 8 bits of precision.
    case bfloat16
  }

  public let kind: Kind

  public init(_ kind: Kind) {
    self.kind = kind
  }

  public var name: String { "Unary(\(kind))" }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    switch kind {
    case .clip(let minimum, let maximum):
      try require(
        minimum <= maximum,
        "expected a minimum of at most the maximum, received \(minimum)…\(maximum)")
    case .leakyReLU(let slope):
      try require(slope >= 0, "expected a slope of 0 or more, received \(slope)")
    case .elu(let alpha):
      try require(alpha >= 0, "expected an alpha of 0 or more, received \(alpha)")
    case .hardSigmoid(let slope, _):
      try require(slope >= 0, "expected a slope of 0 or more, received \(slope)")
    default: break
    }
    return inputs
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let g = try request.onlyUpstream(self)
    let (x, y) = (request.inputs[0], request.outputs[0])
    switch kind {
    case .negate: return [try -g]
    case .exp: return [try g * y]
    case .log: return [try g / x]
    case .sqrt: return [try g * 0.5 / y]
    case .reciprocal: return [try -(g * y.map(.square))]
    case .abs: return [try g * x.map(.sign)]
    case .square: return [try g * x * 2]
    case .sin: return [try g * x.map(.cos)]
    case .cos: return [try -(g * x.map(.sin))]
    case .erf: return [try g * (2 / Float.pi.squareRoot()) * (-x.map(.square)).map(.exp)]
    case .sign, .step, .floor, .ceil, .round: return [nil]
    // As if nothing was rounded.
    case .rounded: return [g]
    case .tanh, .sigmoid, .hardSigmoid, .relu, .leakyReLU, .elu, .gelu, .swish, .softplus, .clip:
      let gradient = ActivationGradient(kind)
      return [try g.applying(gradient, gradient.readsOutput ? y : x)]
    }
  }
}
