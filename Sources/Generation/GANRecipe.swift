import Engine
import Networks

/// How a generator and a discriminator are trained against each other.
public struct GANRecipe: Sendable, Hashable, Encodable {
  /// What bounds the discriminator's layers.
  public enum Normalization: String, Sendable, Hashable, Codable, CaseIterable {
    /// Batch normalization, real and generated images each in a batch of their own (Radford et
    /// al. 2015).
    case batch
    /// Weights of spectral norm 1 (Miyato et al. 2018).
    case spectral
    /// Nothing; for use with a gradient penalty.
    case none
  }

  /// What both networks minimize.
  public var loss: AdversarialLoss
  public var normalization: Normalization
  /// Weight γ of ½ γ E‖∇D(x)‖² at real images (R1: Mescheder et al. 2018, arXiv 1801.04406, eq. 9);
  /// 0 leaves it out.
  public var r1Gamma: Float
  /// The penalty is computed, that many times as strong, once in so many steps ("lazy
  /// regularization": Karras et al. 2019, arXiv 1912.04958, §3.1).
  public var r1Interval: Int
  /// Weight λ of E(‖∇D(x̂)‖ − 1)² between real and generated images (Gulrajani et al. 2017); 0
  /// leaves it out.
  public var gradientPenaltyWeight: Float
  /// The largest magnitude of the critic's weights (Arjovsky et al. 2017); nil for no limit.
  public var weightClip: Float?
  public var batchSize: Int
  public var epochs: Int
  /// Learning rates of Adam; two different ones after Heusel et al. 2017 (arXiv 1706.08500).
  public var generatorLearningRate: Float
  public var discriminatorLearningRate: Float
  /// The fraction of the training after which both rates fall, in a straight line to 0 (Miyato et al.
  /// 2018, §4, throughout); 1 keeps them.
  public var decayStart: Float
  /// Adam's decay of the first and second moment.
  public var beta1: Float
  public var beta2: Float
  /// The half-life, in images, of the exponential moving average of the generator's weights, which is
  /// what is kept; 0 keeps the last weights.
  public var emaHalfLife: Double
  /// Whether real images are flipped at random.
  public var horizontalFlip: Bool
  public var precision: Precision

  /// All but the epochs, which a finished training may be given more of.
  private enum CodingKeys: String, CodingKey {
    case loss, normalization, r1Gamma, r1Interval, gradientPenaltyWeight, weightClip, batchSize
    case generatorLearningRate, discriminatorLearningRate, decayStart, beta1, beta2, emaHalfLife
    case horizontalFlip, precision
  }

  /// The paper's recipe: batch normalization, Adam 2e-4 with β₁ 0.5, batch 128 (Radford et al.
  /// 2015, §4).
  public static let dcgan = GANRecipe(
    loss: .nonSaturating, normalization: .batch, r1Gamma: 0, r1Interval: 16,
    gradientPenaltyWeight: 0, weightClip: nil, batchSize: 128, epochs: 25,
    generatorLearningRate: 2e-4, discriminatorLearningRate: 2e-4, decayStart: 1, beta1: 0.5,
    beta2: 0.999, emaHalfLife: 0, horizontalFlip: false, precision: .float32)
}

extension GANRecipe {
  /// The paper's networks and losses with an average of the generator's weights, which is what
  /// is kept (Yazıcı et al. 2018, arXiv 1806.04498), rates that fall to 0 in the last quarter, flipped
  /// images, and smaller batches: more steps for the same images.
  public static let ema: GANRecipe = {
    var recipe = dcgan
    recipe.batchSize = 64
    recipe.emaHalfLife = 10_000
    recipe.decayStart = 0.75
    recipe.horizontalFlip = true
    return recipe
  }()

  /// A discriminator without batch normalization whose slope at real images is penalized
  /// (Mescheder et al. 2018), in place of the paper's.
  public static let r1: GANRecipe = {
    var recipe = ema
    recipe.normalization = .none
    recipe.r1Gamma = 4
    recipe.beta2 = 0.99
    return recipe
  }()

  /// Weights of spectral norm 1, the hinge loss and a discriminator that learns four times as fast
  /// (Miyato et al. 2018; Heusel et al. 2017), in place of the paper's.
  public static let spectralNorm: GANRecipe = {
    var recipe = ema
    recipe.loss = .hinge
    recipe.normalization = .spectral
    recipe.generatorLearningRate = 1e-4
    recipe.discriminatorLearningRate = 4e-4
    return recipe
  }()
}
