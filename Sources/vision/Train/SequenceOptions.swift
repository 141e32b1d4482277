import ArgumentParser
import Classification
import ModelFiles
import Networks
import Training

/// What concerns the training of classifiers of texts, series and clips alone.
struct SequenceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of a table that holds the texts (default: text, review, …).", valueName: "column"))
  var text: String?

  @Option(
    help: ArgumentHelp(
      "Column of a table that holds the classes (default: class, label, …).", valueName: "column"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "What texts are cut into: words or characters. (default: words)", valueName: "unit"))
  var tokens: TextPreprocessing.Unit?

  @Option(
    help: ArgumentHelp(
      "Runs of up to n words or characters are tokens, too. (default: 1; network bag: 2)",
      valueName: "n"))
  var ngrams: Int?

  @Option(
    help: ArgumentHelp(
      "Most tokens in the vocabulary. (default: 20000; network bag: 100000)", valueName: "n"))
  var vocabulary: Int?

  @Option(
    help: ArgumentHelp(
      "Of a longer text the last n tokens count. (default: 500)", valueName: "n"))
  var maxTokens: Int?

  @Flag(help: "Show texts to the network one-hot instead of embedded; for small vocabularies.")
  var oneHot = false

  @Option(
    help: ArgumentHelp(
      "Begin the embedding with the word vectors in a text file, such as GloVe's.",
      valueName: "file"), completion: .file())
  var vectors: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      """
      What the data are taken for: series drawn as images (bars, gaf: a Gramian angular field, recurrence: a \
      recurrence plot), or images where folders of numbered ones would be clips.
      """, valueName: "bars|gaf|recurrence|images"))
  var taken: TakenAs?

  @Flag(
    help: """
      Write how large gradients are, by layer and by steps back from a sequence's end, after each epoch: \
      gradients.csv and gradients.png.
      """)
  var profileGradients = false

  /// Whether an option is given that images do not have.
  var areGiven: Bool {
    text != nil || label != nil || tokens != nil || ngrams != nil || vocabulary != nil
      || maxTokens != nil || oneHot || vectors != nil || profileGradients
      || ![nil, .images].contains(taken)
  }

  /// The image that series are to be drawn as.
  ///
  /// - Parameter longest: steps of the longest series, which gets a column for each where that is not too
  ///   wide.
  func image(size: Int?, longest: Int) -> SeriesImage? {
    guard let kind = taken?.image else { return nil }
    return SeriesImage(kind, side: size ?? min(max(longest, 24), 64))
  }

  /// The recipe with what was set.
  func applied(to recipe: SequenceRecipe) -> SequenceRecipe {
    var recipe = recipe
    if let tokens { recipe.unit = tokens }
    if let ngrams { recipe.ngrams = ngrams }
    if let vocabulary { recipe.vocabulary = vocabulary }
    if let maxTokens { recipe.maxTokens = maxTokens }
    if oneHot { recipe.oneHot = true }
    if let vectors { recipe.vectors = vectors }
    return recipe
  }
}

/// What data are taken for where more than one thing is possible.
enum TakenAs: String, ExpressibleByArgument, CaseIterable {
  case bars, gaf, recurrence, images

  var image: SeriesImage.Kind? { SeriesImage.Kind(rawValue: rawValue) }
}

extension TextPreprocessing.Unit: ExpressibleByArgument {}

extension RecipeOptions {
  /// The recipe for texts, series or clips with what was set.
  ///
  /// - Throws: where an option is for images alone.
  func applied(to recipe: SequenceRecipe) throws(TrainingError) -> SequenceRecipe {
    let foreign = [
      ("--augment", augment != nil), ("--flip-tta", flipTta != nil), ("--balance", balance),
    ]
    if let option = foreign.first(where: \.1)?.0 {
      throw .options("\(option) is for images, not for texts, series or clips")
    }
    var recipe = recipe
    if recipe.image == nil { recipe.size = size }
    if let epochs { recipe.epochs = epochs }
    if let batch { recipe.batchSize = batch }
    if let optimizer {
      recipe.optimizer = optimizer.optimizer(clipping: recipe.optimizer.clipping)
      recipe.learningRate = optimizer.learningRate
    }
    if let learningRate { recipe.learningRate = learningRate }
    if let weightDecay {
      recipe.optimizer = recipe.optimizer.withWeightDecay(weightDecay)
    }
    if let schedule { recipe.schedule = schedule }
    if let dropout { recipe.dropout = dropout }
    if let labelSmoothing { recipe.labelSmoothing = labelSmoothing }
    if let clip { recipe.optimizer.clipping = .norm(clip) }
    if let emaEpochs { recipe.emaEpochs = emaEpochs > 0 ? emaEpochs : nil }
    if let patience { recipe.patience = patience }
    return recipe
  }
}
