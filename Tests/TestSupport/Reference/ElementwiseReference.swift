import Graphs
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

private func value(of kind: Unary.Kind, at x: Double) -> Double {
  switch kind {
  case .negate: -x
  case .exp: exp(x)
  case .log: log(x)
  case .reciprocal: 1 / x
  case .abs: abs(x)
  case .square: x * x
  case .sin: sin(x)
  case .cos: cos(x)
  case .sqrt: x.squareRoot()
  case .erf: erf(x)
  case .sign: x > 0 ? 1 : x < 0 ? -1 : x
  case .step: x > 0 ? 1 : 0
  case .floor: x.rounded(.down)
  case .ceil: x.rounded(.up)
  case .round: x.rounded(.toNearestOrEven)
  case .tanh: tanh(x)
  case .sigmoid: 1 / (1 + exp(-x))
  case .hardSigmoid(let slope, let offset): min(max(Double(slope) * x + Double(offset), 0), 1)
  case .relu: x > 0 ? x : x.isNaN ? x : 0
  case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
  case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
  case .gelu: x * normalDistribution(x)
  case .swish: x / (1 + exp(-x))
  case .softplus: x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
  case .clip(let minimum, let maximum): min(max(x, Double(minimum)), Double(maximum))
  case .rounded(to: .float16): Double(Float16(x))
  case .rounded(to: .bfloat16): rounded(x, bits: 8)
  }
}

/// The derivative at the input x of an activation.
private func derivative(of kind: Unary.Kind, at x: Double) -> Double {
  let y = value(of: kind, at: x)
  switch kind {
  case .relu: return x > 0 ? 1 : 0
  case .leakyReLU(let slope): return x > 0 ? 1 : Double(slope)
  case .elu(let alpha): return x > 0 ? 1 : Double(alpha) * exp(x)
  case .tanh: return 1 - y * y
  case .sigmoid: return y * (1 - y)
  case .hardSigmoid(let slope, _): return y > 0 && y < 1 ? Double(slope) : 0
  case .clip(let minimum, let maximum):
    return x > Double(minimum) && x < Double(maximum) ? 1 : 0
  case .gelu:
    return normalDistribution(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
  case .swish:
    let sigmoid = 1 / (1 + exp(-x))
    return sigmoid * (1 + x * (1 - sigmoid))
  case .softplus: return 1 / (1 + exp(-x))
  default: preconditionFailure("not an activation")
  }
}

/// An input that has the output y, for activations whose gradient reads the output.
private func preimage(of kind: Unary.Kind, at y: Double) -> Double {
  switch kind {
  case .relu, .clip: y
  case .leakyReLU(let slope): y > 0 || slope == 0 ? y : y / Double(slope)
  case .elu(let alpha): y > 0 || alpha == 0 ? y : log1p(y / Double(alpha))
  case .tanh: atanh(y)
  case .sigmoid: log(y / (1 - y))
  case .hardSigmoid(let slope, let offset): (y - Double(offset)) / Double(slope)
  default: preconditionFailure("reads its input")
  }
}

private func normalDistribution(_ x: Double) -> Double {
  0.5 * erfc(-x / 2.0.squareRoot())
}

extension Unary: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [inputs[0].map { value(of: kind, at: $0) }]
  }
}

extension ActivationGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (dy, reference) = (inputs[0], inputs[1])
    let values = zip(dy.values, reference.values).map { dy, r in
      dy * derivative(of: kind, at: readsOutput ? preimage(of: kind, at: r) : r)
    }
    return [ReferenceTensor(dy.shape, values)]
  }
}

extension Binary: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
      preconditionFailure("shapes do not broadcast")
    }
    let (a, b) = (inputs[0].broadcast(to: shape), inputs[1].broadcast(to: shape))
    return [ReferenceTensor(shape, zip(a.values, b.values).map(combine))]
  }

  private func combine(_ a: Double, _ b: Double) -> Double {
    switch kind {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
    case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
    case .power: pow(a, b)
    case .equal: a == b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    }
  }
}

extension Select: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard
      let shape = inputs[0].shape.broadcast(with: inputs[1].shape)?.broadcast(with: inputs[2].shape)
    else { preconditionFailure("shapes do not broadcast") }
    let parts = inputs.map { $0.broadcast(to: shape).values }
    let values =
      shape.count == 0
      ? []
      : (0..<shape.count).map {
        parts[0][$0] != 0 ? parts[1][$0] : parts[2][$0]
      }
    return [ReferenceTensor(shape, values)]
  }
}

extension BiasAdd: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var y = inputs[0]
    for index in y.shape.indices { y[index] += inputs[1].values[index[1]] }
    return [y]
  }
}

/// The nearest number of so many bits of precision, ties to even.
private func rounded(_ x: Double, bits: Int) -> Double {
  guard x.isFinite, x != 0 else { return x }
  let unit = x.ulp * Double(1 << (53 - bits))
  return (x / unit).rounded(.toNearestOrEven) * unit
}
