import Datasets
import ModelFiles
import Models
import Networks
import Training

/// How a classifier of texts, series or clips is trained, without the data.
public struct SequenceRecipe: Sendable, Hashable, Encodable {
  /// The network's name among ``SequenceModels``.
  public var network: String
  /// The probability of all dropout layers of the network; nil leaves what they say.
  public var dropout: Float?
  /// Tokens that a vocabulary holds at most; of texts.
  public var vocabulary = 20_000
  /// What a text is cut into.
  public var unit = TextPreprocessing.Unit.words
  /// The longest run of units that is a token.
  public var ngrams = 1
  /// Of a longer text the last so many tokens count.
  public var maxTokens = 500
  /// Whether tokens are shown to the network one-hot instead of embedded.
  public var oneHot: Bool?
  /// A file of word vectors that the embedding begins with.
  public var vectors: String?
  /// Whether the embedding stays as it begins.
  public var freezesEmbedding: Bool?
  /// The image that series are drawn as; nil where they stay series.
  public var image: SeriesImage?
  /// The side to which frames are resized; nil to keep their size, up to a limit.
  public var size: Int?
  /// Passes over the training examples.
  public var epochs: Int
  /// Examples in a step.
  public var batchSize: Int
  /// Rule, weight decay and limits on gradients.
  public var optimizer: Optimizer
  /// The learning rate at the schedule's top.
  public var learningRate: Float
  /// How the rate changes over the epochs.
  public var schedule = LearningRateSchedule.cosine
  /// The probability that is spread over all classes, 0 to below 1 (Szegedy et al. 2016).
  public var labelSmoothing: Float = 0
  /// The time constant of the exponential moving average of the weights in epochs; nil for none.
  public var emaEpochs: Double?
  /// Stop when the validation accuracy has not risen for so many epochs; nil never stops early.
  public var patience: Int?

  public init(
    network: String, epochs: Int, batchSize: Int, optimizer: Optimizer, learningRate: Float
  ) {
    self.network = network
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
  }

  /// All but the epochs, which a finished training may be given more of.
  private enum CodingKeys: String, CodingKey {
    case network, dropout, vocabulary, unit, ngrams, maxTokens, oneHot, vectors, freezesEmbedding
    case image, size, batchSize, optimizer, learningRate, schedule, labelSmoothing, emaEpochs
    case patience
  }
}

extension SequenceRecipe {
  /// The recipe for some data when nothing is asked for.
  ///
  /// - Parameters:
  ///   - network: nil for a convolution of texts, a residual network of series, a CNN and an LSTM of clips.
  ///   - image: what series are drawn as; nil where they stay series.
  ///   - count: examples to learn from.
  public static func `default`(
    for content: SequenceSplits.Content, network: String? = nil, image: SeriesImage? = nil,
    count: Int
  ) -> SequenceRecipe {
    switch content {
    case .texts:
      if let network, network.hasPrefix("textbook-") { return textbook(network) }
      return texts(network ?? "conv1d", count)
    case .series(let all):
      return series(network, image, count, longest: all.elements.map(\.steps).max() ?? 1)
    case .clips: return clips(network ?? "cnn-lstm", count)
    }
  }

  /// As textbooks show recurrent networks on film reviews: 500 words of a vocabulary of 10,000 (two of its
  /// numbers stand for no word and for all others), RMSProp, nothing else.
  private static func textbook(_ network: String) -> SequenceRecipe {
    var recipe = SequenceRecipe(
      network: network, epochs: 10, batchSize: 128, optimizer: Optimizer(.rmsProp()),
      learningRate: 1e-3)
    recipe.vocabulary = 10_000 - TextPreprocessing.first
    recipe.schedule = .constant
    return recipe
  }

  /// Adam with gradients of a bounded norm (R. Pascanu et al. 2013, arXiv 1211.5063): without that a
  /// recurrent network loses what it has learned in one step.
  private static func texts(_ network: String, _ count: Int) -> SequenceRecipe {
    let rate: [String: Float] = ["rnn": 1e-3, "lstm": 2e-3, "gru": 2e-3, "bag": 5e-3]
    var recipe = SequenceRecipe(
      network: network, epochs: 4, batchSize: min(64, max(8, count / 10)),
      optimizer: Optimizer(.adam(), clipping: .norm(1)),
      learningRate: rate[network] ?? 1e-3)
    if network == "bag" { (recipe.ngrams, recipe.vocabulary) = (2, 100_000) }
    recipe.epochs = network == "rnn" ? 6 : 4
    // Few texts need steps enough to learn in.
    recipe.epochs = min(max(recipe.epochs, 400 * recipe.batchSize / max(count, 1)), 100)
    return recipe
  }

  /// 2,000 steps; of long series fewer, so that two cores take a minute or two, but 600. In so few Muon's steps
  /// learn more than Adam's: 97.6 % in each of three folds of OSULeaf's training part, where Adam had 95.1 to 97.6.
  private static func series(
    _ network: String?, _ image: SeriesImage?, _ count: Int, longest: Int
  ) -> SequenceRecipe {
    let batchSize = min(16, max(4, count / 4))
    var recipe = SequenceRecipe(
      network: network ?? (image == nil ? "resnet1d" : "cnn"), epochs: 0, batchSize: batchSize,
      optimizer: Optimizer(.adam(), clipping: .norm(1)), learningRate: 1e-3)
    recipe.image = image
    if recipe.network == "resnet1d" {
      recipe.optimizer = Optimizer(
        .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), clipping: .norm(1), muon: Muon())
      recipe.learningRate = 0.02
    }
    var steps = 2_000
    if recipe.image == nil { steps = min(max(4_000_000 / (batchSize * longest), 600), steps) }
    recipe.epochs = min(max(steps * batchSize / max(count, 1), 20), 600)
    recipe.emaEpochs = Double(recipe.epochs) / 20
    return recipe
  }

  private static func clips(_ network: String, _ count: Int) -> SequenceRecipe {
    let batchSize = min(32, max(4, count / 10))
    var recipe = SequenceRecipe(
      network: network, epochs: 0, batchSize: batchSize,
      optimizer: Optimizer(.adam(), clipping: .norm(1)), learningRate: 1e-3)
    recipe.epochs = min(max(1_500 * batchSize / max(count, 1), 5), 200)
    recipe.emaEpochs = Double(recipe.epochs) / 20
    return recipe
  }

  /// Refuses numbers that make no sense.
  func validate() throws(TrainingError) {
    func require(
      _ isRight: Bool, _ name: String, _ value: Any, _ expected: String
    ) throws(TrainingError) {
      guard isRight else { throw .setting(name, "\(value): must be \(expected)") }
    }
    try require((1...1_000_000).contains(epochs), "epochs", epochs, "between 1 and 1,000,000")
    try require((1...65_536).contains(batchSize), "batchSize", batchSize, "between 1 and 65,536")
    try require(
      (1...1_000_000).contains(vocabulary), "vocabulary", vocabulary, "between 1 and 1,000,000")
    try require((1...8).contains(ngrams), "ngrams", ngrams, "between 1 and 8")
    try require((1...100_000).contains(maxTokens), "maxTokens", maxTokens, "between 1 and 100,000")
    try require(
      learningRate.isFinite && learningRate > 0, "learningRate", learningRate, "above 0")
    try require(
      (0..<1).contains(labelSmoothing), "labelSmoothing", labelSmoothing,
      "at least 0 and less than 1")
    if let dropout {
      try require((0..<1).contains(dropout), "dropout", dropout, "at least 0 and less than 1")
    }
    if let size {
      try require(Preprocessing.sides.contains(size), "size", size, "between 1 and 8,192")
    }
    if let image {
      try require(
        SeriesImage.sides.contains(image.side), "size", image.side, "between 8 and 512")
    }
    if let patience { try require(patience > 0, "patience", patience, "at least 1") }
  }
}
