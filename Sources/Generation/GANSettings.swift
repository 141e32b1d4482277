import Datasets

/// Everything of an adversarial training that decides how it goes, beside data, seed and threads.
public struct GANSettings: Sendable, Encodable {
  /// Where the images lie.
  public var data: DataIdentity
  /// Images that are learned from.
  public var trainingCount: Int
  /// One image of so many is held out to measure quality by; nil holds out none.
  public var holdOutInterval: Int?
  /// The side of the images: 32, 64 or 128.
  public var size: Int
  /// The base number of channels (ngf, ndf): those of the widest maps.
  public var width: Int
  /// How many numbers an image is made of.
  public var latentSize: Int
  public var recipe: GANRecipe
  /// The name of the model on whose features quality is measured; nil for none.
  public var featureModel: String?
  /// Generated images that quality is measured on.
  public var evaluationSamples: Int

  public init(
    data: DataIdentity, trainingCount: Int, holdOutInterval: Int? = nil, size: Int = 64,
    width: Int = 64, latentSize: Int = 100, recipe: GANRecipe, featureModel: String? = nil,
    evaluationSamples: Int = 2000
  ) {
    self.data = data
    self.trainingCount = trainingCount
    self.holdOutInterval = holdOutInterval
    self.size = size
    self.width = width
    self.latentSize = latentSize
    self.recipe = recipe
    self.featureModel = featureModel
    self.evaluationSamples = evaluationSamples
  }

  private enum CodingKeys: String, CodingKey {
    case trainingCount, holdOutInterval, size, width, latentSize, recipe, featureModel
    case evaluationSamples
  }
}
