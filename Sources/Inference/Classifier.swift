import Engine
import ModelFiles
import Networks

/// A trained classifier: a network, its classes, and what becomes of an image before it sees it.
///
/// All that is made of it shares its weights and belongs to one thread; another thread reads the file
/// anew, which is mapped and takes memory once.
public struct Classifier {
  /// What the classifier is.
  public let card: ModelCard
  /// What becomes of an image.
  public let preprocessing: Preprocessing
  public let network: Network
  /// Values of all that the network declares.
  public let variables: VariableStore
  /// Whether the logits of an image and of its mirror image are averaged (test-time augmentation).
  public let usesFlipTTA: Bool
  /// The groups of its labels; nil where they have none.
  public let groups: LabelGroups?
  /// What the network's numbers mean.
  public let classes: ClassLayout
  /// Weights that make outputs which cannot be trusted.
  public let nonFiniteWeights: NonFiniteWeights

  /// The names of the classes in the order of the outputs.
  public var classNames: [String] { card.classNames }

  /// The metadata of a model file that say whether its classifier uses test-time augmentation.
  package static func metadata(usesFlipTTA: Bool) -> [String: String] {
    [flipTTAKey: "\(usesFlipTTA)"]
  }

  private static let flipTTAKey = "flip_tta"
  /// The former spelling.
  private static let formerFlipTTAKey = "mirrors_when_asked"

  /// Reads a model file or an ONNX file.
  ///
  /// - Parameters:
  ///   - metadata: what is known of an ONNX file's labels.
  ///   - preprocessing: what is known of its input.
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged, of another kind, or its
  ///   tensors are not those of its architecture.
  public init(
    path: String, metadata: ModelMetadata = ModelMetadata(),
    preprocessing: PreprocessingOverrides = PreprocessingOverrides()
  ) throws(InferenceError) {
    self = try LoadedModel(path: path, metadata: metadata, preprocessing: preprocessing)
      .classifier()
  }

  fileprivate init(_ model: LoadedModel) throws(InferenceError) {
    func refused(_ problem: String) -> InferenceError { .file(path: model.path, problem: problem) }
    (card, network, variables) = (model.card, model.network, model.variables)
    guard let classes = model.parts[0].classes else {
      guard model.task == .classification else {
        throw .otherTask(path: model.path, task: model.task, expected: .classification)
      }
      throw refused("is not a classifier: \(model.parts[0].otherOutput)")
    }
    if card.preprocessing == nil, network.inputShape.rank == 3 {
      throw .missingPreprocessing(path: model.path)
    }
    guard let preprocessing = card.preprocessing, classes.count == card.classNames.count else {
      throw refused(
        "is not a classifier: the card names \(card.classNames.count) classes, the network has "
          + "\(classes.count) outputs")
    }
    self.classes = classes
    do throws(ModelFileError) {
      groups = card.groups.isEmpty ? nil : try LabelGroups(card.groups, labels: card.classNames)
    } catch { throw refused("is damaged: \(error)") }
    nonFiniteWeights = model.nonFiniteWeights
    if let width = model.requestedWidth, width != preprocessing.width {
      throw .fixedSize(
        path: model.path, width: preprocessing.width, height: preprocessing.height)
    }
    guard
      network.inputShape == [preprocessing.height, preprocessing.width, preprocessing.channels]
    else { throw refused("the network takes \(network.inputShape), the card says otherwise") }
    self.preprocessing = preprocessing
    let flag = model.otherMetadata[Self.flipTTAKey] ?? model.otherMetadata[Self.formerFlipTTAKey]
    usesFlipTTA = flag == "true"
  }

  /// The classifier, ready to run.
  ///
  /// - Parameter batchSize: images that are computed at once.
  public func predictor(
    batchSize: Int, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) -> Predictor {
    try nonFiniteWeights.requireNumbers()
    return try Predictor(
      network: network, variables: variables, labelCount: classNames.count, batchSize: batchSize,
      usesFlipTTA: usesFlipTTA, options: options)
  }
}

extension LoadedModel {
  /// The model as a classifier.
  ///
  /// - Throws: where it has no classes, or does not say how images are preprocessed.
  public func classifier() throws(InferenceError) -> Classifier { try Classifier(self) }
}
