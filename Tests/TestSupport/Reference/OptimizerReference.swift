import Graphs
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension OptimizerUpdate: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let rate = inputs[2].values[0]
    let step = rule.countsSteps ? inputs[3].values[0] : 0
    let states = inputs.dropFirst(rule.countsSteps ? 4 : 3)
    var outputs = [ReferenceTensor](repeating: inputs[0], count: 1 + states.count)
    for k in inputs[0].values.indices {
      var (p, kept) = (inputs[0].values[k], states.map { $0.values[k] })
      rule.update(&p, gradient: inputs[1].values[k], rate: rate, step: step, &kept)
      outputs[0].values[k] = p
      for (output, value) in kept.enumerated() { outputs[output + 1].values[k] = value }
    }
    return outputs
  }
}

extension OptimizerRule {
  /// One element's update, following the formulas of `OptimizerRule` line by line.
  fileprivate func update(
    _ p: inout Double, gradient: Double, rate: Double, step: Double, _ states: inout [Double]
  ) {
    var g = gradient
    switch self {
    case .sgd(let momentum, let nesterov, let weightDecay):
      g += Double(weightDecay) * p
      guard momentum != 0 else {
        p -= rate * g
        return
      }
      states[0] = Double(momentum) * states[0] + g
      p -= rate * (nesterov ? g + Double(momentum) * states[0] : states[0])

    case .adam(let beta1, let beta2, let epsilon, let weightDecay, let decoupledWeightDecay):
      if decoupledWeightDecay {
        p -= rate * Double(weightDecay) * p
      } else {
        g += Double(weightDecay) * p
      }
      let (beta1, beta2) = (Double(beta1), Double(beta2))
      states[0] = beta1 * states[0] + (1 - beta1) * g
      states[1] = beta2 * states[1] + (1 - beta2) * g * g
      let root = states[1].squareRoot() / (1 - pow(beta2, step)).squareRoot()
      p -= rate / (1 - pow(beta1, step)) * states[0] / (root + Double(epsilon))

    case .rmsProp(let decay, let epsilon, let momentum, let weightDecay):
      g += Double(weightDecay) * p
      states[0] = Double(decay) * states[0] + (1 - Double(decay)) * g * g
      let d = g / (states[0].squareRoot() + Double(epsilon))
      guard momentum != 0 else {
        p -= rate * d
        return
      }
      states[1] = Double(momentum) * states[1] + d
      p -= rate * states[1]

    case .adagrad(let epsilon, let weightDecay):
      g += Double(weightDecay) * p
      states[0] += g * g
      p -= rate * g / (states[0].squareRoot() + Double(epsilon))

    case .adadelta(let decay, let epsilon, let weightDecay):
      g += Double(weightDecay) * p
      let (rho, epsilon) = (Double(decay), Double(epsilon))
      states[0] = rho * states[0] + (1 - rho) * g * g
      let d = (states[1] + epsilon).squareRoot() / (states[0] + epsilon).squareRoot() * g
      states[1] = rho * states[1] + (1 - rho) * d * d
      p -= rate * d
    }
  }
}
