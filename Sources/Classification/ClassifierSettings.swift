import Datasets
import ModelFiles

/// Everything of a classifier's training that decides how it goes, beside data, seed and threads.
public struct ClassifierSettings: Sendable, Encodable {
  /// The classes' names in the order of the network's outputs.
  public var classNames: [String]
  /// Whether they are labels that hold or not, each on its own; nil where they exclude each other.
  public var isMultiLabel: Bool?
  /// Images of each class that are learned from.
  public var trainingCounts: [Int]
  /// Images of each class that are measured by.
  public var validationCounts: [Int]
  /// The fraction of each class that is split off for validation; 0 with data of its own.
  public var validationFraction: Double
  public var recipe: Recipe
  /// What of a trained network it begins from; nil begins with random values.
  public var fineTuning: FineTuning?
  /// What images become before the network sees them.
  public var input: Preprocessing
  /// Where the data lies: to learn from and, where it is not split off, to measure by.
  public var data: [DataIdentity]

  public init(
    classNames: [String], isMultiLabel: Bool = false, trainingCounts: [Int],
    validationCounts: [Int],
    validationFraction: Double = 0, recipe: Recipe, fineTuning: FineTuning? = nil,
    input: Preprocessing, data: [DataIdentity] = []
  ) {
    self.classNames = classNames
    self.isMultiLabel = isMultiLabel ? true : nil
    self.trainingCounts = trainingCounts
    self.validationCounts = validationCounts
    self.validationFraction = validationFraction
    self.recipe = recipe
    self.fineTuning = fineTuning
    self.input = input
    self.data = data
  }

  private enum CodingKeys: String, CodingKey {
    case classNames, isMultiLabel, trainingCounts, validationCounts, validationFraction, recipe
    case fineTuning, input
  }
}
