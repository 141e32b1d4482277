import Glibc

extension Activation {
  /// The function's value at a number, for plots and tables.
  ///
  /// Those that take more than one number are drawn along one of them: parametric ReLU with its
  /// first slope 1/4, softmax as the share of x beside a zero (the sigmoid), maxout with pieces
  /// that are lines through the origin of slopes from −1 to 1 (|x|).
  public func value(at x: Double) -> Double {
    switch self {
    case .linear: x
    case .sigmoid, .softmax: 1 / (1 + exp(-x))
    case .hardSigmoid: min(max(x / 6 + 0.5, 0), 1)
    case .tanh: Glibc.tanh(x)
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
    case .prelu: x > 0 ? x : Activation.initialSlope * x
    case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
    case .maxout: abs(x)
    case .swish: x / (1 + exp(-x))
    case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    }
  }

  /// The slope at which parametric ReLU begins (He et al. 2015, §2.1).
  static let initialSlope = 0.25
}
