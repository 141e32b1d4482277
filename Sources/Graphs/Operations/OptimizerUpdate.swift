import Tensors

/// One step of an optimizer for one parameter, as PyTorch defines it. All arithmetic is
/// element-wise; p is the parameter, g its gradient, η the learning rate, λ the weight decay.
///
/// Inputs: p, g, η (a scalar), then t where `rule.countsSteps` (a scalar, 1 at the first step), then
/// the states in the order of `rule.states`, each of p's shape and zero before the first step.
/// Outputs: the new p, then the new states.
public struct OptimizerUpdate: Operation {
  public let rule: OptimizerRule

  public init(_ rule: OptimizerRule) {
    self.rule = rule
  }

  public var name: String { "OptimizerUpdate" }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    let leading = rule.countsSteps ? 4 : 3
    try require(inputs, count: leading + rule.states.count)
    try require(inputs[1], equals: inputs[0], "a gradient")
    try require(inputs[2], equals: [], "a learning rate")
    if rule.countsSteps { try require(inputs[3], equals: [], "a step count") }
    for (state, name) in zip(inputs[leading...], rule.states) {
      try require(state, equals: inputs[0], "a state \(name)")
    }
    return [inputs[0]] + inputs[leading...]
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    throw failure("has no derivative")
  }
}

/// How an optimizer turns a gradient into a step.
public enum OptimizerRule: Hashable, Sendable, Codable {
  /// Gradient descent with momentum μ (B. T. Polyak, 1964) or Nesterov's (I. Sutskever et al., 2013):
  ///
  ///     g ← g + λ·p        v ← μ·v + g        p ← p − η·v        (Nesterov: p − η·(g + μ·v))
  case sgd(momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0)

  /// Adam (D. P. Kingma, J. Ba, 2015); with `decoupledWeightDecay` AdamW (I. Loshchilov, F. Hutter, 2019):
  ///
  ///     g ← g + λ·p        (AdamW: p ← p − η·λ·p instead)
  ///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²
  ///     p ← p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
  case adam(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0,
    decoupledWeightDecay: Bool = false)

  /// RMSProp (T. Tieleman, G. Hinton, 2012):
  ///
  ///     g ← g + λ·p        s ← ρ·s + (1 − ρ)·g²        d = g / (√s + ε)
  ///     p ← p − η·d        (with momentum: v ← μ·v + d, p ← p − η·v)
  case rmsProp(
    decay: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0, weightDecay: Float = 0)

  /// Adagrad (J. Duchi, E. Hazan, Y. Singer, 2011):
  ///
  ///     g ← g + λ·p        s ← s + g²        p ← p − η·g / (√s + ε)
  case adagrad(epsilon: Float = 1e-10, weightDecay: Float = 0)

  /// Adadelta (M. D. Zeiler, 2012):
  ///
  ///     g ← g + λ·p        s ← ρ·s + (1 − ρ)·g²        d = √(u + ε) / √(s + ε) · g
  ///     u ← ρ·u + (1 − ρ)·d²        p ← p − η·d
  case adadelta(decay: Float = 0.9, epsilon: Float = 1e-6, weightDecay: Float = 0)

  /// The names of what is kept for each parameter, in the order of inputs and outputs.
  public var states: [String] {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? [] : ["velocity"]
    case .adam: ["mean", "square"]
    case .rmsProp(_, _, let momentum, _): momentum == 0 ? ["square"] : ["square", "velocity"]
    case .adagrad: ["square"]
    case .adadelta: ["square", "delta"]
    }
  }

  /// Whether the update reads the number of the step.
  public var countsSteps: Bool {
    if case .adam = self { true } else { false }
  }
}
