import Tensors

/// A sequence: of each step as many numbers as it has features, or an image of as many channels.
public struct FeatureSequence: Sendable, Equatable {
  public let features: Int
  /// The extents of each feature at a step: none of a number, H × W of an image.
  public let extent: Shape
  /// One feature's steps after the other's: features × steps × the extents.
  public let values: [Float]

  /// - Precondition: all features have as many steps.
  public init(features: Int, extent: Shape = [], values: [Float]) {
    precondition(features > 0 && extent.count > 0)
    precondition(values.count % (features * extent.count) == 0)
    self.features = features
    self.extent = extent
    self.values = values
  }

  public var steps: Int { values.count / (features * extent.count) }
}
