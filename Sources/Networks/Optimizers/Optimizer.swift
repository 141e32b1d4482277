import Graphs
import Tensors

/// How parameters follow their gradients: a rule, what is done to gradients before it, and a limit
/// on the parameters after it.
public struct Optimizer: Hashable, Sendable, Codable {
  /// The rule: gradient descent with momentum, Adam, …
  public var rule: OptimizerRule
  /// What is done to gradients that are too large; nothing where nil.
  public var clipping: GradientClipping?
  /// Whether the rule's weight decay also draws biases and normalization's scales to zero, as
  /// PyTorch's optimizers do; otherwise it leaves parameters with one axis alone.
  public var decaysBiasesAndNorms: Bool
  /// How the kernels of convolutions move instead, where set: Muon. The rule must be gradient descent
  /// with momentum.
  public var muon: Muon?
  /// The largest magnitude a parameter may keep, as the first Wasserstein critics had it
  /// (Arjovsky et al. 2017: 0.01); none where nil.
  public var weightClip: Float?

  /// A rule, with gradients and parameters taken as they are unless told otherwise.
  public init(
    _ rule: OptimizerRule, clipping: GradientClipping? = nil, decaysBiasesAndNorms: Bool = true,
    muon: Muon? = nil, weightClip: Float? = nil
  ) {
    self.rule = rule
    self.clipping = clipping
    self.decaysBiasesAndNorms = decaysBiasesAndNorms
    self.muon = muon
    self.weightClip = weightClip
  }

  /// Adds the gradients of a loss and one update of parameters to the graph, so that each run is
  /// one step.
  ///
  /// What the rule keeps is state of the graph: `optimizer.conv1.weight.velocity`, and
  /// `optimizer.step` where it counts. A model file leaves it out, a checkpoint keeps it.
  ///
  /// - Parameters:
  ///   - parameters: the variables to train; others stay as they are.
  ///   - loss: a scalar to minimize.
  ///   - learningRate: a scalar, usually an input that a schedule sets.
  ///   - constants: nodes that are held constant, whatever they were computed from.
  ///   - learningRateFactor: a parameter's learning rate as a multiple of the common one, by its name.
  ///   - scope: put before the names of states, where a graph holds several optimizers.
  /// - Returns: for each parameter its gradient and its new value.
  /// - Throws: where one of `parameters` is no variable, or an operation has no derivative.
  @discardableResult
  public func minimize(
    _ loss: Node, parameters: [Node], stoppingGradientsAt constants: [Node] = [],
    learningRate: Node,
    learningRateFactor: (String) -> Float = { _ in 1 },
    scope: String = "optimizer"
  ) throws(NetworkError) -> [ParameterUpdate] {
    try training { () throws(GraphError) in
      let graph = loss.graph
      let names = try parameters.map { (node) throws(GraphError) in try Self.name(of: node) }
      var gradients = try graph.gradients(
        of: loss, withRespectTo: parameters, stoppingGradientsAt: constants)
      if let clipping { gradients = try clipping.clipped(gradients) }

      var count: [Node] = []
      if rule.countsSteps {
        let before = try graph.buffer("\(scope).step", [], .zeros)
        let step = try before + 1
        try graph.assign(before, step)
        count.append(step)
      }
      var updates: [ParameterUpdate] = []
      for (index, parameter) in parameters.enumerated() {
        let states = try rule.states.map { (state) throws(GraphError) in
          try graph.buffer("\(scope).\(names[index]).\(state)", parameter.shape, .zeros)
        }
        let rule = decaysBiasesAndNorms || parameter.shape.rank > 1 ? rule : rule.withoutWeightDecay
        let factor = learningRateFactor(names[index])
        let rate = factor == 1 ? learningRate : try learningRate * factor
        let results = try graph.withLabel("\(scope).\(names[index])") { () throws(GraphError) in
          if let muon, Muon.applies(to: parameter.shape) {
            return try muon.apply(
              to: parameter, gradients[index], rule, rate: rate, states)
          }
          return try graph.apply(
            OptimizerUpdate(rule), [parameter, gradients[index], rate] + count + states)
        }
        var value = results[0]
        if let limit = weightClip {
          value = try value.map(.clip(minimum: -limit, maximum: limit))
        }
        try graph.assign(parameter, value)
        for (state, result) in zip(states, results.dropFirst()) { try graph.assign(state, result) }
        updates.append(
          ParameterUpdate(
            name: names[index], parameter: parameter, gradient: gradients[index], value: value))
      }
      return updates
    }
  }

  private static func name(of node: Node) throws(GraphError) -> String {
    guard let name = node.variableName else {
      throw GraphError(
        label: node.label, operation: "Optimizer", message: "expected variables to train")
    }
    return name
  }
}

extension OptimizerRule {
  /// The same rule that leaves parameters as large as they are.
  fileprivate var withoutWeightDecay: OptimizerRule {
    switch self {
    case .sgd(let momentum, let nesterov, _): .sgd(momentum: momentum, nesterov: nesterov)
    case .adam(let beta1, let beta2, let epsilon, _, _):
      .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .rmsProp(let decay, let epsilon, let momentum, _):
      .rmsProp(decay: decay, epsilon: epsilon, momentum: momentum)
    case .adagrad(let epsilon, _): .adagrad(epsilon: epsilon)
    case .adadelta(let decay, let epsilon, _): .adadelta(decay: decay, epsilon: epsilon)
    }
  }
}

/// What one step does to one parameter.
public struct ParameterUpdate {
  /// The variable's name: `conv1.weight`.
  public let name: String
  /// The variable.
  public let parameter: Node
  /// The loss's gradient, clipped where the optimizer clips.
  public let gradient: Node
  /// What the variable becomes.
  public let value: Node
}

/// A limit on gradients before they are followed (Pascanu et al. 2013, arXiv 1211.5063).
public enum GradientClipping: Hashable, Sendable, Codable {
  /// Each element is kept within ±limit.
  case value(Float)
  /// All gradients are scaled by min(1, limit / (‖g‖ + 1e-6)), ‖g‖ being the root of the sum of
  /// squares over all elements of all of them, as in PyTorch.
  case norm(Float)

  /// The limited gradients.
  func clipped(_ gradients: [Node]) throws(GraphError) -> [Node] {
    switch self {
    case .value(let limit):
      return try gradients.map { (gradient) throws(GraphError) in
        try gradient.map(.clip(minimum: -limit, maximum: limit))
      }
    case .norm(let limit):
      guard let first = gradients.first else { return [] }
      var squares = try first.map(.square).sum()
      for gradient in gradients.dropFirst() {
        squares = try squares + gradient.map(.square).sum()
      }
      let scale = try (limit / (squares.map(.sqrt) + 1e-6)).map(.clip(minimum: 0, maximum: 1))
      return try gradients.map { (gradient) throws(GraphError) in try gradient * scale }
    }
  }
}
