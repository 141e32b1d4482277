import Datasets
import ModelFiles
import Models
import Networks
import Training

extension SequenceTask {
  /// Below so many examples of a class on average nothing is split off: the last weights, averaged, are kept.
  private static let fewestToSplit = 30

  /// A task from data: splits it, learns vocabulary or scale from the training part alone, and fits network and
  /// buckets to it.
  ///
  /// - Parameters:
  ///   - validationFraction: of each class, split off for validation where the data has no part for it; nil for
  ///     a tenth of classes that are not small.
  ///   - card: what the model file says beside what is measured.
  public init(
    data: SequenceSplits, path: String, validationFraction: Double? = nil,
    recipe: SequenceRecipe, card: ModelCard
  ) throws(TrainingError) {
    try recipe.validate()
    switch data.training {
    case .texts(let texts):
      let parts = try Self.split(texts, data.validation.map(Self.texts), validationFraction, path)
      let empty = TextPreprocessing(
        unit: recipe.unit, ngrams: recipe.ngrams, maxTokens: recipe.maxTokens)
      let preprocessing = empty.learned(from: parts.training.elements, size: recipe.vocabulary)
      guard !preprocessing.vocabulary.isEmpty else {
        throw .data("\(path): the texts hold no words")
      }
      let numbers = TokenNumbers(preprocessing)
      try self.init(
        training: parts.training.map(numbers.sequence),
        validation: parts.validation?.map(numbers.sequence), input: .text(preprocessing),
        layersFor: .tokens(vocabulary: preprocessing.tokenCount), path, recipe, card)
    case .series(let series):
      let parts = try Self.split(series, data.validation.map(Self.series), validationFraction, path)
      let preprocessing = SeriesPreprocessing(of: parts.training.elements)
      try self.init(
        training: parts.training.map(preprocessing.normalized),
        validation: parts.validation?.map(preprocessing.normalized),
        input: .series(preprocessing), layersFor: .series(channels: preprocessing.channels), path,
        recipe, card)
    }
  }

  private init(
    training: LabeledExamples<FeatureSequence>, validation: LabeledExamples<FeatureSequence>?,
    input: SequencePreprocessing, layersFor kind: SequenceModels.Input, _ path: String,
    _ recipe: SequenceRecipe, _ card: ModelCard
  ) throws(TrainingError) {
    // A bucket of less than some batches would hardly be learned from.
    let bucketCount = training.count >= 32 * recipe.batchSize ? 4 : 1
    let steps = SequenceExamples.bucketSteps(for: training, count: bucketCount)
    let areTokens = input.noun == "text"
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
    self.init(
      settings: Settings(
        classNames: training.classNames, trainingCounts: training.classCounts,
        validationCounts: validation?.classCounts ?? [], recipe: recipe, input: input,
        data: [DataIdentity(path: path, names: training.names + (validation?.names ?? []))]),
      network: network, training: examples,
      validation: validation.map {
        SequenceExamples(
          $0, bucketSteps: SequenceExamples.bucketSteps(for: $0, count: 4), areTokens: areTokens)
      }, card: card)
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

  private static func texts(_ content: SequenceSplits.Content) -> LabeledExamples<String> {
    if case .texts(let texts) = content { return texts }
    return LabeledExamples(classNames: [], labels: [], names: [], elements: [])
  }

  private static func series(
    _ content: SequenceSplits.Content
  ) -> LabeledExamples<FeatureSequence> {
    if case .series(let series) = content { return series }
    return LabeledExamples(classNames: [], labels: [], names: [], elements: [])
  }
}
