import Graphs

/// A function that is applied to each number of a layer's output (softmax and maxout: to the
/// numbers of all channels together).
public enum Activation: Hashable, Sendable {
  /// x
  case linear
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  /// min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019, arXiv 1905.02244; as in PyTorch, Keras 3)
  case hardSigmoid
  /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
  case tanh
  /// max(x, 0) (Nair and Hinton 2010)
  case relu
  /// min(max(x, 0), 6) (Krizhevsky 2010; MobileNet)
  case relu6
  /// x where positive, `slope` · x elsewhere (Maas et al. 2013)
  case leakyReLU(slope: Float = 0.01)
  /// Leaky ReLU whose slope is learnt, one for each channel, from 1/4 on (He et al. 2015,
  /// arXiv 1502.01852)
  case prelu
  /// x where positive, `alpha` · (eˣ − 1) elsewhere (Clevert et al. 2016, arXiv 1511.07289)
  case elu(alpha: Float = 1)
  /// The largest of `pieces` neighboring channels, which become one (Goodfellow et al. 2013,
  /// arXiv 1302.4389)
  case maxout(pieces: Int = 2)
  /// x · sigmoid(x), also called SiLU (Ramachandran et al. 2017, arXiv 1710.05941)
  case swish
  /// x · Φ(x), Φ the normal distribution function (Hendrycks and Gimpel 2016, arXiv 1606.08415)
  case gelu
  /// ln(1 + eˣ) (Dugas et al. 2001)
  case softplus
  /// eˣ / Σ eˣ over the channels (Bridle 1990)
  case softmax

  /// One of each kind, with its usual constant.
  public static let all: [Activation] = [
    .linear, .sigmoid, .hardSigmoid, .tanh, .relu, .relu6, .leakyReLU(), .prelu, .elu(),
    .maxout(), .swish, .gelu, .softplus, .softmax,
  ]

  /// The name that model files, options and errors use: `leaky-relu`.
  public var name: String {
    switch self {
    case .linear: "linear"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hard-sigmoid"
    case .tanh: "tanh"
    case .relu: "relu"
    case .relu6: "relu6"
    case .leakyReLU: "leaky-relu"
    case .prelu: "parametric-relu"
    case .elu: "elu"
    case .maxout: "maxout"
    case .swish: "swish"
    case .gelu: "gelu"
    case .softplus: "softplus"
    case .softmax: "softmax"
    }
  }

  /// The constant that is written behind the name: a slope, an alpha, a number of pieces.
  private var constant: Float? {
    switch self {
    case .leakyReLU(let slope): slope
    case .elu(let alpha): alpha
    case .maxout(let pieces): Float(pieces)
    default: nil
    }
  }

  /// Reads what `description` writes: a name, `leaky-relu(0.2)`; nil where it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, let plain = Activation.all.first(where: { $0.name == name })
    else { return nil }
    guard parts.count == 2 else {
      self = plain
      return
    }
    guard parts[1].last == ")", let constant = Float(parts[1].dropLast()), constant.isFinite
    else { return nil }
    switch plain {
    case .leakyReLU: self = .leakyReLU(slope: constant)
    case .elu: self = .elu(alpha: constant)
    case .maxout:
      guard let pieces = Int(exactly: constant) else { return nil }
      self = .maxout(pieces: pieces)
    default: return nil
    }
  }
}

extension Activation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .maxout(let pieces): "\(name)(\(pieces))"
    default: constant.map { "\(name)(\($0))" } ?? name
    }
  }
}

/// In JSON, the description: `"relu"`, `"leaky-relu(0.2)"`.
extension Activation: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let activation = Activation(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "unknown activation \"\(text)\"; available: "
          + Activation.all.map(\.name).joined(separator: ", "))
    }
    self = activation
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
