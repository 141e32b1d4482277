import Engine
import Networks

/// How a generator and a discriminator are trained against each other.
public struct GANRecipe: Sendable, Hashable, Codable {
  /// What bounds the discriminator's layers.
  public enum Normalization: String, Sendable, Hashable, Codable, CaseIterable {
    /// Batch normalisation, real and generated pictures each in a batch of their own (Radford et
    /// al. 2015).
    case batch
    /// Weights of spectral norm 1 (Miyato et al. 2018).
    case spectral
    /// Nothing; for use with a gradient penalty.
    case none
  }

  /// What both networks minimise.
  public var loss: AdversarialLoss
  public var normalization: Normalization
  /// Weight γ of ½ γ E‖∇D(x)‖² at real pictures (R1: Mescheder et al. 2018, arXiv 1801.04406, eq. 9);
  /// 0 leaves it out.
  public var realPenalty: Float
  /// The penalty is computed, that many times as strong, at every so manieth step only ("lazy
  /// regularisation": Karras et al. 2019, arXiv 1912.04958, §3.1).
  public var realPenaltyInterval: Int
  /// Weight λ of E(‖∇D(x̂)‖ − 1)² between real and generated pictures (Gulrajani et al. 2017); 0
  /// leaves it out.
  public var gradientPenalty: Float
  /// The largest magnitude of the critic's weights (Arjovsky et al. 2017); nil for no limit.
  public var weightLimit: Float?
  public var batchSize: Int
  public var epochs: Int
  /// Learning rates of Adam; two different ones after Heusel et al. 2017 (arXiv 1706.08500).
  public var generatorRate: Float
  public var discriminatorRate: Float
  /// The share of the training after which both rates fall, in a straight line to 0 (Miyato et al.
  /// 2018, §4, throughout); 1 keeps them.
  public var constantShare: Float
  /// Adam's decay of the first and second moment.
  public var beta1: Float
  public var beta2: Float
  /// Over how many pictures the average of the generator's weights reaches back, which is what is kept;
  /// 0 keeps the last weights.
  public var averagedPictures: Double
  /// Whether real pictures are mirrored at random.
  public var mirrors: Bool
  public var precision: Precision

  /// The paper's recipe: batch normalisation, Adam 2e-4 with β₁ 0.5, batch 128 (Radford et al.
  /// 2015, §4).
  public static let paper = GANRecipe(
    loss: .nonSaturating, normalization: .batch, realPenalty: 0, realPenaltyInterval: 16,
    gradientPenalty: 0, weightLimit: nil, batchSize: 128, epochs: 25, generatorRate: 2e-4,
    discriminatorRate: 2e-4, constantShare: 1, beta1: 0.5, beta2: 0.999, averagedPictures: 0,
    mirrors: false, precision: .float32)
}

extension GANRecipe {
  /// The paper's networks and losses with an average of the generator's weights, which is what
  /// is kept (Yazıcı et al. 2018, arXiv 1806.04498), rates that fall to 0 in the last quarter, mirrored
  /// pictures, and smaller batches: more steps for the same pictures.
  public static let averaged: GANRecipe = {
    var recipe = paper
    recipe.batchSize = 64
    recipe.averagedPictures = 10_000
    recipe.constantShare = 0.75
    recipe.mirrors = true
    return recipe
  }()

  /// A discriminator without batch normalisation whose slope at real pictures is penalised
  /// (Mescheder et al. 2018), in place of the paper's.
  public static let penalized: GANRecipe = {
    var recipe = averaged
    recipe.normalization = .none
    recipe.realPenalty = 4
    recipe.beta2 = 0.99
    return recipe
  }()

  /// Weights of spectral norm 1, the hinge loss and a discriminator that learns four times as fast
  /// (Miyato et al. 2018; Heusel et al. 2017), in place of the paper's.
  public static let spectral: GANRecipe = {
    var recipe = averaged
    recipe.loss = .hinge
    recipe.normalization = .spectral
    recipe.generatorRate = 1e-4
    recipe.discriminatorRate = 4e-4
    return recipe
  }()
}
