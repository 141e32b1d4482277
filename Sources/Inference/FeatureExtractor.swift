import Datasets
import Engine
import Images
import ModelFiles
import Networks

/// What a trained classifier sees in images: the numbers that its last dense layer decides by.
/// Distances between sets of images are measured on them.
public final class FeatureExtractor {
  /// How many numbers an image has.
  public let size: Int
  /// The classifier's name, to be said wherever a distance is.
  public let name: String
  private let preprocessing: Preprocessing
  private let runner: BatchRunner

  private static let batchSize = 50

  /// - Throws: where the classifier's network does not end in a dense layer.
  public init(
    _ classifier: Classifier, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    try classifier.nonFiniteWeights.requireNumbers()
    let name = classifier.card.name
    self.name = name
    preprocessing = classifier.preprocessing
    runner = try BatchRunner(
      classifier.network, variables: classifier.variables, batchSize: Self.batchSize,
      options: options
    ) { built in
      guard let head = built.layers.lastIndex(where: { $0.type == Dense.typeName }), head > 0,
        built.layers[head - 1].output.shape.rank == 2
      else { throw InferenceError.network("the model \(name) does not end in a dense layer") }
      return built.layers[head - 1].output
    }
    size = runner.outputCount
  }

  /// The features of each image, in order.
  public func features(of images: [Image]) throws(InferenceError) -> [[Float]] {
    var result: [[Float]] = []
    do {
      try runner.run(count: images.count) { (number, target) throws(ImageError) in
        try preprocessing.write(images[number], to: target)
      } _: { _, values in
        result.append(Array(values))
      }
    } catch let error as ImageError {
      throw .invalid("an image cannot be used: \(error)")
    } catch { throw InferenceError(wrapping: error) }
    return result
  }
}

extension LoadedModel {
  /// What the model, a classifier, sees in images.
  ///
  /// - Throws: where it is not a classifier, or does not end in a dense layer.
  public func features(
    options: PlanOptions = PlanOptions()
  ) throws(InferenceError) -> FeatureExtractor {
    try FeatureExtractor(classifier(), options: options)
  }
}
