import Graphs
import Tensors

/// Steps of the kernels of convolutions whose lengths don't go by the gradients: the momentum's matrix
/// with all its singular values made equal, so that each direction is learnt as fast as the others.
///
/// K. Jordan et al.: *Muon: An optimizer for hidden layers in neural networks*. 2024,
/// kellerjordan.github.io/posts/muon. A kernel O × I × h × w is a matrix of O rows. With g the gradient,
/// μ the rule's momentum, η its rate, f the factor and λ the decay here:
///
///     v ← μ·v + g        U·S·Vᵀ = g + μ·v (without Nesterov v)
///     p ← p − f·η·(√max(1, rows / columns)·U·Vᵀ + λ·p)
public struct Muon: Hashable, Sendable, Codable {
  /// The learning rate of these steps as a multiple of the rule's, whose steps are as long as gradients.
  public var learningRateFactor: Float
  /// Weight decay of the kernels, in place of the rule's.
  public var weightDecay: Float

  /// Steps at the rule's rate without decay, unless told otherwise.
  public init(learningRateFactor: Float = 1, weightDecay: Float = 0) {
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }

  /// Whether a parameter of a shape moves so: a convolution's kernel. A dense layer's matrix and all with
  /// one axis follow the rule.
  public static func applies(to shape: Shape) -> Bool { shape.rank > 2 }

  /// The new value and the new velocity.
  ///
  /// - Throws: where the rule is none with momentum.
  func apply(
    to kernel: Node, _ gradient: Node, _ rule: OptimizerRule, rate: Node, _ states: [Node]
  ) throws(GraphError) -> [Node] {
    guard case .sgd(let momentum, let nesterov, _) = rule, let before = states.first else {
      throw GraphError(
        label: kernel.label, operation: "Muon",
        message: "expected gradient descent with momentum")
    }
    let velocity = try before * momentum + gradient
    let direction = nesterov ? try gradient + velocity * momentum : velocity
    let (rows, columns) = (kernel.shape[0], kernel.shape.count / kernel.shape[0])
    let step = try direction.reshaped(to: [rows, columns]).orthogonalized()
    let reach = max(1, Float(rows) / Float(columns)).squareRoot()
    let value = try kernel.graph.apply(
      OptimizerUpdate(.sgd(weightDecay: weightDecay / reach)),
      [kernel, step.reshaped(to: kernel.shape), rate * (learningRateFactor * reach)])[0]
    return [value, velocity]
  }
}

extension Node {
  /// U·Vᵀ of a matrix M = U·S·Vᵀ, nearly: the same singular vectors, values of 0.7 to 1.2.
  ///
  /// Newton and Schulz's iteration on X = M / ‖M‖, with Jordan's a, b and c, which bring small values
  /// up fast:
  ///
  ///     A = X·Xᵀ        X ← (a·I + b·A + c·A²)·X
  ///
  /// Departure: all factors are polynomials of the first A, so that their product Q is made in its
  /// small size, with A ← P·A·P for each P = a·I + b·A + c·A²; X is read twice, for A and for Q·X. Of
  /// a matrix with more rows than columns, Xᵀ·X is taken.
  ///
  /// Five iterations bring up what is above a hundredth of the largest value.
  func orthogonalized() throws(GraphError) -> Node {
    let iterations = 5
    let isWide = shape[0] <= shape[1]
    let size = min(shape[0], shape[1])
    let identity = graph.constant(
      Tensor([size, size], (0..<(size * size)).map { $0 % (size + 1) == 0 ? 1 : 0 }))
    let square = try applying(MatrixMultiply(transposeLeft: !isWide, transposeRight: isWide), self)
    // ‖M‖² is the trace of M·Mᵀ.
    let norm = try (square * identity).sum() + 1e-20
    var a = try square / norm
    var product = identity
    for iteration in 0..<iterations {
      let factor = try identity * 3.4445 + a * -4.775 + a.times(a) * 2.0315
      product = iteration == 0 ? factor : try factor.times(product)
      if iteration < iterations - 1 { a = try factor.times(a).times(factor) }
    }
    product = try product / norm.map(.sqrt)
    return try isWide ? product.times(self) : times(product)
  }

  private func times(_ other: Node) throws(GraphError) -> Node {
    try applying(MatrixMultiply(), other)
  }
}
