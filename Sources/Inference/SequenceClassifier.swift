import Datasets
import Engine
import ModelFiles
import Networks

/// A trained classifier of texts, series or clips: a network, its classes, and what becomes of an input
/// before it sees it.
public struct SequenceClassifier {
  /// What the classifier is.
  public let card: ModelCard
  /// What becomes of a text, a series or a clip.
  public let preprocessing: SequencePreprocessing
  public let network: Network
  /// Values of all that the network declares.
  public let variables: VariableStore
  private let path: String

  /// The names of the classes in the order of the outputs.
  public var classNames: [String] { card.classNames }

  fileprivate init(_ model: LoadedModel, _ preprocessing: SequencePreprocessing)
    throws(InferenceError)
  {
    func refused(_ problem: String) -> InferenceError { .file(path: model.path, problem: problem) }
    (card, network, variables) = (model.card, model.network, model.variables)
    (path, self.preprocessing) = (model.path, preprocessing)
    guard let classes = model.parts[0].classes, classes.count == card.classNames.count else {
      throw refused(
        "is not a classifier: the card names \(card.classNames.count) classes, which the network does "
          + "not tell apart")
    }
    let shape = network.inputShape
    let (fits, takesLengths) =
      switch preprocessing {
      case .text: (shape.rank == 1, true)
      case .series(let series):
        if let image = series.image {
          (
            SeriesImage.sides.contains(image.side)
              && shape == [image.side, image.side, series.channels], false
          )
        } else {
          (shape.rank == 2 && shape[1] == series.channels, true)
        }
      case .clip(let frames):
        (
          frames.isValid && shape.rank == 4
            && Array(shape.dimensions.dropFirst()) == [
              frames.height, frames.width, frames.channels,
            ],
          true
        )
      }
    if case .series(let series) = preprocessing, series.std.count != series.channels {
      throw refused("its scales are not those of \(series.channels) channels")
    }
    let others = network.inputs.map(\.name).dropFirst()
    guard fits, Array(others) == (takesLengths ? [NetworkInput.lengthsName] : []) else {
      throw refused("the network takes \(shape), the card says otherwise")
    }
    try model.nonFiniteWeights.requireNumbers()
  }

  /// The classifier, ready to run.
  ///
  /// - Parameter batchSize: sequences that are computed at once.
  public func predictor(
    batchSize: Int, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) -> SequencePredictor {
    try SequencePredictor(
      network: network, variables: variables, labelCount: classNames.count, batchSize: batchSize,
      options: options)
  }

  /// Inputs as the network takes them.
  ///
  /// - Parameter warn: is told of clips that cannot be read, which are left out.
  /// - Throws: where they are of another kind, have other channels, or none can be read.
  public func sequences(
    of content: SequenceSplits.Content, warn: (DatasetWarning) -> Void = { _ in }
  ) throws(InferenceError) -> LabeledExamples<FeatureSequence> {
    switch (preprocessing, content) {
    case (.text(let text), .texts(let texts)):
      let numbers = TokenNumbers(text)
      return texts.map(numbers.sequence)
    case (.series(let series), .series(let examples)):
      guard let first = examples.elements.first, first.features == series.channels else {
        throw .invalid(
          "\(path): takes series of \(series.channels) channels, received "
            + "\(examples.elements.first?.features ?? 0)")
      }
      return examples.map(series.normalized)
    case (.clip(let frames), .clips(let clips)):
      do throws(DatasetError) {
        let (sequences, warnings) = try clips.sequences(frames)
        warnings.forEach(warn)
        return sequences
      } catch { throw .invalid("\(error)") }
    default:
      throw .invalid("\(path): takes \(preprocessing.plural), received \(content.plural)")
    }
  }

  /// Examples in buckets of the lengths that there are.
  public func examples(
    _ sequences: LabeledExamples<FeatureSequence>, classCount: Int? = nil
  ) -> SequenceExamples {
    SequenceExamples(
      sequences, bucketSteps: SequenceExamples.bucketSteps(for: sequences, count: 4),
      areTokens: network.inputShape.rank == 1, classCount: classCount)
  }
}

extension LoadedModel {
  /// The model as a classifier of texts, series or clips; nil where its card says nothing of such.
  public func sequenceClassifier() throws(InferenceError) -> SequenceClassifier? {
    guard let preprocessing = card.sequences else { return nil }
    return try SequenceClassifier(self, preprocessing)
  }
}
