import Datasets
import Engine
import ModelFiles
import Models
import Networks
import Tensors
import Training

extension SequenceTask {
  /// Below so many examples of a class on average nothing is split off: the last weights, averaged, are kept.
  private static let fewestToSplit = 30

  /// A task from data: splits it, learns vocabulary or scale from the training part alone, and fits network
  /// and buckets to it.
  ///
  /// - Parameters:
  ///   - validationFraction: of each class, split off for validation where the data has no part for it; nil
  ///     for a tenth of classes that are not small.
  ///   - card: what the model file says beside what is measured.
  public init(
    data: SequenceSplits, path: String, validationFraction: Double? = nil,
    recipe: SequenceRecipe, card: ModelCard
  ) throws(TrainingError) {
    try recipe.validate()
    switch data.training {
    case .texts(let texts):
      try Self.requireNone([("as", recipe.image != nil), ("size", recipe.size != nil)], "texts")
      var validation: LabeledExamples<String>?
      if case .texts(let own) = data.validation { validation = own }
      let parts = try Self.split(texts, validation, validationFraction, path)
      let empty = TextPreprocessing(
        unit: recipe.unit, ngrams: recipe.ngrams, maxTokens: recipe.maxTokens)
      let preprocessing = empty.learned(from: parts.training.elements, size: recipe.vocabulary)
      guard !preprocessing.vocabulary.isEmpty else {
        throw .data("\(path): the texts hold no words")
      }
      let numbers = TokenNumbers(preprocessing)
      let vectors = try recipe.vectors.map { (file) throws(TrainingError) in
        try Self.vectors(file, preprocessing, recipe)
      }
      let encoding: SequenceModels.TokenEncoding =
        recipe.oneHot == true ? .oneHot : .embedding(vectors?.vectors.shape[1])
      try self.init(
        training: parts.training.map(numbers.sequence),
        validation: parts.validation?.map(numbers.sequence), input: .text(preprocessing),
        layersFor: .tokens(vocabulary: preprocessing.tokenCount, encoding: encoding), path, recipe,
        card, embedding: vectors?.vectors)
      foundVectors = vectors?.found
    case .series(let series):
      try Self.requireNone([("size", recipe.size != nil)] + Self.textOptions(recipe), "series")
      var validation: LabeledExamples<FeatureSequence>?
      if case .series(let own) = data.validation { validation = own }
      let parts = try Self.split(series, validation, validationFraction, path)
      var preprocessing = SeriesPreprocessing(of: parts.training.elements)
      preprocessing.image = recipe.image
      let channels = preprocessing.channels
      try self.init(
        training: parts.training.map(preprocessing.normalized),
        validation: parts.validation?.map(preprocessing.normalized),
        input: .series(preprocessing),
        layersFor: recipe.image.map { .image(side: $0.side, channels: channels) }
          ?? .series(channels: channels), path, recipe, card)
    case .clips(let clips):
      try Self.requireNone([("as", recipe.image != nil)] + Self.textOptions(recipe), "clips")
      var validation: LabeledExamples<Clip>?
      if case .clips(let own) = data.validation { validation = own }
      let parts = try Self.split(clips, validation, validationFraction, path)
      do {
        let frames = try Preprocessing(of: parts.training, size: recipe.size)
        try Self.requireMemory(for: parts.training, frames)
        let (training, trainingWarnings) = try parts.training.sequences(frames)
        let other = try parts.validation?.sequences(frames)
        try self.init(
          training: training, validation: other?.0, input: .clip(frames),
          layersFor: .clip(
            height: frames.height, width: frames.width, channels: frames.channels), path, recipe,
          card, warnings: trainingWarnings + (other?.warnings ?? []))
      } catch { throw TrainingError(wrapping: error) }
    }
  }

  /// What of a recipe is for texts alone, and whether it is asked for.
  private static func textOptions(_ recipe: SequenceRecipe) -> [(String, Bool)] {
    [
      ("one-hot", recipe.oneHot != nil), ("vectors", recipe.vectors != nil),
      ("freeze", recipe.freezesEmbedding != nil),
    ]
  }

  private static func requireNone(
    _ options: [(name: String, isGiven: Bool)], _ plural: String
  ) throws(TrainingError) {
    guard let option = options.first(where: \.isGiven)?.name else { return }
    throw .options("--\(option) is not for \(plural)")
  }

  /// Clips are kept in memory as numbers.
  private static func requireMemory(
    for clips: LabeledExamples<Clip>, _ frames: Preprocessing
  ) throws(TrainingError) {
    let count = clips.elements.reduce(0) { $0 + $1.frameCount }
    let (bytes, isTooMuch) = (4 * frames.elementCount).multipliedReportingOverflow(by: count)
    guard !isTooMuch, bytes / 10 * 13 < availableMemory() else {
      throw .data(
        "\(count) frames of \(frames.width)×\(frames.height) pixels do not fit into memory; ask for a smaller "
          + "--size")
    }
  }

  /// The first values of the embedding: a vector for each token.
  private static func vectors(
    _ file: String, _ preprocessing: TextPreprocessing, _ recipe: SequenceRecipe
  ) throws(TrainingError) -> (vectors: Tensor, found: Int) {
    guard recipe.oneHot != true else { throw .options("--vectors and --one-hot: choose one") }
    let words =
      Array(repeating: String?.none, count: TextPreprocessing.first)
      + preprocessing.vocabulary.map { $0 }
    do throws(DatasetError) { return try WordVectors.table(path: file, words: words) } catch {
      throw .data("\(error)")
    }
  }

  private init(
    training: LabeledExamples<FeatureSequence>, validation: LabeledExamples<FeatureSequence>?,
    input: SequencePreprocessing, layersFor kind: SequenceModels.Input, _ path: String,
    _ recipe: SequenceRecipe, _ card: ModelCard, embedding: Tensor? = nil,
    warnings: [DatasetWarning] = []
  ) throws(TrainingError) {
    // A bucket of less than some batches would hardly be learned from.
    let bucketCount = training.count >= 32 * recipe.batchSize ? 4 : 1
    let steps = SequenceExamples.bucketSteps(for: training, count: bucketCount)
    let areTokens = if case .text = input { true } else { false }
    let examples = SequenceExamples(
      training, bucketSteps: steps, areTokens: areTokens, classCount: training.classNames.count)
    let network: Network
    do {
      let made = try SequenceModels.network(
        named: recipe.network, input: kind, steps: steps.last ?? 1,
        classes: training.classNames.count)
      network = recipe.dropout.map(made.withDropout) ?? made
      _ = try network.summary()
    } catch { throw .options("\(error)") }
    let hasEmbedding = network.layers.contains { $0.layer is Embedding }
    guard recipe.freezesEmbedding != true || hasEmbedding else {
      throw .options("--freeze embedding: the network has none")
    }
    self.init(
      settings: Settings(
        classNames: training.classNames, trainingCounts: training.classCounts,
        validationCounts: validation?.classCounts ?? [], recipe: recipe, input: input,
        data: [DataIdentity(path: path, names: training.names + (validation?.names ?? []))]),
      network: network, training: examples,
      validation: validation.map {
        SequenceExamples(
          $0, bucketSteps: SequenceExamples.bucketSteps(for: $0, count: 4), areTokens: areTokens)
      }, card: card, embedding: embedding, warnings: warnings)
  }

  private static func split<Element>(
    _ examples: LabeledExamples<Element>, _ validation: LabeledExamples<Element>?,
    _ fraction: Double?, _ path: String
  ) throws(TrainingError) -> (
    training: LabeledExamples<Element>, validation: LabeledExamples<Element>?
  ) {
    guard examples.classCounts.count(where: { $0 > 0 }) > 1 else {
      throw .data("\(path): a classifier needs examples of two or more classes")
    }
    if let validation { return (examples, validation) }
    let isSmall = examples.count < fewestToSplit * examples.classNames.count
    let share = fraction ?? (isSmall ? 0 : 0.1)
    guard share > 0 else { return (examples, nil) }
    let parts = examples.split(validation: share)
    return (parts.training, parts.validation.count > 0 ? parts.validation : nil)
  }
}
