import Datasets
import ModelFiles

/// All that decides how a training goes; `config.json` of the run folder.
public struct ClassifierSettings: Sendable, Equatable, Codable {
  /// The data that is trained on.
  public struct Data: Sendable, Hashable, Codable {
    /// Where it lies, as the user gave it.
    public var path: String
    /// The validation data, where it is not split off.
    public var validationPath: String?
    /// The share of each class that is split off for validation; 0 with data of its own.
    public var validationShare: Double
    /// The classes' names in the order of the network's outputs.
    public var classNames: [String]
    /// Pictures of each class that are trained on.
    public var trainingCounts: [Int]
    /// Pictures of each class that are validated on.
    public var validationCounts: [Int]

    public init(
      path: String, validationPath: String? = nil, validationShare: Double, classNames: [String],
      trainingCounts: [Int], validationCounts: [Int]
    ) {
      self.path = path
      self.validationPath = validationPath
      self.validationShare = validationShare
      self.classNames = classNames
      self.trainingCounts = trainingCounts
      self.validationCounts = validationCounts
    }
  }

  public var data: Data
  public var recipe: Recipe
  /// What of a trained network it begins from; nil begins with random values.
  public var transfer: Transfer?
  /// What the pictures become before the network sees them.
  public var input: Preprocessing
  /// First values, order and variation of the pictures, dropout: all follow from it.
  public var seed: UInt64
  /// Threads to compute on; nil for all. Another number adds in another order.
  public var threads: Int?

  public init(
    data: Data, recipe: Recipe, transfer: Transfer? = nil, input: Preprocessing, seed: UInt64,
    threads: Int? = nil
  ) {
    self.data = data
    self.recipe = recipe
    self.transfer = transfer
    self.input = input
    self.seed = seed
    self.threads = threads
  }
}
