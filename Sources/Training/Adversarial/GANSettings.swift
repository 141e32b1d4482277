/// All that decides how an adversarial training goes; `config.json` of the run folder.
public struct GANSettings: Sendable, Hashable, Codable {
  /// Where the pictures lie, as the user gave it.
  public var path: String
  /// Pictures that are trained on.
  public var trainingCount: Int
  /// Every so manieth picture is held out to measure quality by; nil holds out none.
  public var holdOut: Int?
  /// The side of the pictures: 32, 64 or 128.
  public var size: Int
  /// The channels of the widest maps.
  public var width: Int
  /// How many numbers a picture is made of.
  public var latent: Int
  public var recipe: GANRecipe
  /// The name of the model on whose features quality is measured; nil for none.
  public var featureModel: String?
  /// Generated pictures that quality is measured on.
  public var qualitySamples: Int
  /// First values, latents and order of the pictures: all follow from it.
  public var seed: UInt64
  /// Threads to compute on; nil for all. Another number adds in another order.
  public var threads: Int?

  public init(
    path: String, trainingCount: Int, holdOut: Int?, size: Int, width: Int, latent: Int,
    recipe: GANRecipe, featureModel: String?, qualitySamples: Int, seed: UInt64, threads: Int?
  ) {
    self.path = path
    self.trainingCount = trainingCount
    self.holdOut = holdOut
    self.size = size
    self.width = width
    self.latent = latent
    self.recipe = recipe
    self.featureModel = featureModel
    self.qualitySamples = qualitySamples
    self.seed = seed
    self.threads = threads
  }
}
