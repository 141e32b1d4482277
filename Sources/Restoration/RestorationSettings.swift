import Datasets
import Engine

/// Everything of a restorer's training that decides how it goes, beside data, seed and threads.
public struct RestorationSettings: Sendable, Encodable {
  /// Where the images lie.
  public var data: DataIdentity
  /// `upscaling`, `denoising` or `deblocking`.
  public var restoration: String
  public var scale: Int
  /// Colors of the images; nil for an upscaler.
  public var colors: Int?
  public var network: NetworkSize
  /// The model whose values the training begins with, as the user named it; nil for random ones.
  public var from: String?
  /// The classifier whose features an upscaler is sharpened by; nil for one that is not.
  public var features: String?
  /// The side of the parts that are learned from, in pixels of the input.
  public var patch: Int
  public var epochs: Int
  public var stepsPerEpoch: Int
  /// Parts in a step.
  public var batchSize: Int
  public var learningRate: Float
  public var precision: Precision
  /// One image of so many is held out; nil holds out none.
  public var holdOutInterval: Int?

  public init(
    _ restoration: Restoration, data: DataIdentity, network: NetworkSize, from: String? = nil,
    features: String? = nil, patch: Int = 32, epochs: Int, stepsPerEpoch: Int = 500,
    batchSize: Int = 16,
    learningRate: Float = 0.012, precision: Precision = .float32, holdOutInterval: Int?
  ) {
    self.data = data
    self.restoration = restoration.kind.rawValue
    scale = restoration.scale
    colors = restoration.colors
    self.network = network
    self.from = from
    self.features = features
    self.patch = patch
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.precision = precision
    self.holdOutInterval = holdOutInterval
  }

  private enum CodingKeys: String, CodingKey {
    case restoration, scale, colors, network, from, features, patch, stepsPerEpoch, batchSize
    case learningRate, precision, holdOutInterval
  }
}
