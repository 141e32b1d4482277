import Graphs
import Tensors

/// The two losses of a generative adversarial network, of the discriminator's logits x (before
/// any sigmoid; D = sigmoid(x)). Each is a mean over the batch, to be minimized by its own network.
public enum AdversarialLoss: String, Hashable, Sendable, Codable, CaseIterable {
  /// The generator minimizes ln(1 − D(G(z))) (Goodfellow et al. 2014, arXiv 1406.2661, eq. 1).
  case minimax
  /// The generator minimizes −ln D(G(z)), whose gradient does not vanish while the discriminator
  /// is ahead (Goodfellow et al. 2014, §3).
  case nonSaturating = "nonsaturating"
  /// Margins of 1 for the discriminator, −x for the generator (Lim and Ye 2017, arXiv 1705.02894;
  /// Miyato et al. 2018, arXiv 1802.05957).
  case hinge
  /// The critic minimizes x(G(z)) − x(real), the generator −x(G(z)) (Arjovsky et al. 2017,
  /// arXiv 1701.07875). The critic's slope must be bounded: by clipping its weights
  /// or with `gradientPenalty`.
  case wasserstein

  /// What the discriminator minimizes.
  ///
  /// - Parameters:
  ///   - real: logits of images from the data.
  ///   - fake: logits of the generator's images.
  ///   - realLabel: the probability that stands for "real" in minimax and nonsaturating; 0.9 is
  ///     one-sided label smoothing (Salimans et al. 2016, arXiv 1606.03498 §3.4).
  /// - Returns: a scalar.
  public func discriminator(
    real: Node, fake: Node, realLabel: Float = 1
  ) throws(NetworkError) -> Node {
    try training { () throws(GraphError) in
      switch self {
      case .minimax, .nonSaturating:
        // −ln D(x) = softplus(−x) and −ln(1 − D(x)) = softplus(x).
        let onReal = try (real.map(.softplus) - real * realLabel).mean()
        return try onReal + fake.map(.softplus).mean()
      case .hinge:
        return try (1 - real).map(.relu).mean() + (1 + fake).map(.relu).mean()
      case .wasserstein: return try fake.mean() - real.mean()
      }
    }
  }

  /// What the generator minimizes.
  ///
  /// - Parameter fake: the discriminator's logits of the generator's images.
  /// - Returns: a scalar.
  public func generator(fake: Node) throws(NetworkError) -> Node {
    try training { () throws(GraphError) in
      switch self {
      case .minimax: return try -fake.map(.softplus).mean()
      case .nonSaturating: return try (-fake).map(.softplus).mean()
      case .hinge, .wasserstein: return try -fake.mean()
      }
    }
  }
}

/// The gradient penalty of a Wasserstein critic (Gulrajani et al. 2017, arXiv 1704.00028, eq. 3):
/// the mean over the batch of (‖∇ critic(x̂)‖ − 1)², at points x̂ drawn evenly between a real and
/// a generated image. To be multiplied by its weight (10 in the paper) and added to the loss.
///
/// - Parameters:
///   - real: images from the data, N × C × H × W.
///   - fake: the generator's images, of the same shape.
///   - critic: adds the critic to the graph and returns its logits. It must not normalize over the
///     batch, since each image's gradient is taken on its own.
/// - Returns: a scalar.
public func gradientPenalty(
  real: Node, fake: Node, critic: (Node) throws(NetworkError) -> Node
) throws(NetworkError) -> Node {
  guard real.shape == fake.shape, real.shape.rank >= 2 else {
    throw .training("gradient penalty: expected \(real.shape), received \(fake.shape)")
  }
  let mixed = try training { () throws(GraphError) in
    let batch = Shape([real.shape[0]] + [Int](repeating: 1, count: real.shape.rank - 1))
    let share = try real.graph.apply(RandomUniform(shape: batch), [])[0]
    return try fake + share * (real - fake)
  }
  let logits = try critic(mixed)
  return try training { () throws(GraphError) in
    let slopes = try mixed.graph.gradients(of: logits.sum(), withRespectTo: [mixed])[0]
    let squares = try slopes.map(.square).sum(axes: Array(1..<slopes.shape.rank))
    // The small number keeps the root's derivative finite where a slope is zero.
    return try ((squares + 1e-12).map(.sqrt) - 1).map(.square).mean()
  }
}

/// Runs graph code; an error of the graph becomes one of training.
func training<Result>(
  _ body: () throws(GraphError) -> Result
) throws(NetworkError) -> Result {
  do { return try body() } catch { throw .training("\(error)") }
}
