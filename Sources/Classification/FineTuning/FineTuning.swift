/// What of a trained network a training begins from, and how.
public struct FineTuning: Sendable, Hashable, Codable {
  /// The model as the user named it.
  public var model: String
  /// How many of the outermost layers, from the first on, stay as they are. In them batch
  /// normalization keeps its statistics, too.
  public var frozenLayers: Int
  /// How often each image is seen, augmented, for the features on which the head is trained first; 0 where
  /// the classes are the same, so that the head is kept and learns with the rest.
  public var augmentedViews: Int

  public init(model: String, frozenLayers: Int, augmentedViews: Int) {
    self.model = model
    self.frozenLayers = frozenLayers
    self.augmentedViews = augmentedViews
  }
}

/// Which layers of a trained network stay as they are.
public enum Freeze: Sendable, Hashable {
  /// Of fewer than 100 images a class those whose maps have the side of the first one's: edges and colors are
  /// the same in all photographs, and few images only spoil them. Of more, or where the classes are the same,
  /// none.
  case automatic
  /// All before the head.
  case backbone
  case none
  /// The first so many of the outermost.
  case layers(Int)
  /// The vectors of tokens, of a network for texts.
  case embedding
}
