import Datasets
import Engine
import Inference
import ModelFiles
import Training

extension GANTask {
  /// A task from a folder's images, of which some are held out to measure quality by.
  ///
  /// - Parameters:
  ///   - images: all images of the data.
  ///   - path: where they lie.
  ///   - features: the classifier on whose features quality is measured; nil measures nothing.
  ///   - card: what the model file says beside the measured quality.
  ///   - options: threads and profiler for the features.
  ///   - damaged: is told of the images that cannot be measured by.
  public init(
    images: Dataset, path: String, size: Int = 64, width: Int = 64, latentSize: Int = 100,
    recipe: GANRecipe, features: Classifier?, evaluationSamples: Int = 2000,
    card: ModelCard, options: PlanOptions = PlanOptions(),
    damaged: ([DatasetWarning]) -> Void = { _ in }
  ) throws(TrainingError) {
    let interval = HoldOut.interval(of: images.count, measures: features != nil)
    var (training, reference) = (images, GANEvaluator?.none)
    if let interval, let features {
      let parts = images.split(holdingOutEvery: interval)
      training = parts.training
      let heldOut = parts.heldOut.centerCropped(to: size)
      damaged(heldOut.damaged)
      do {
        reference = try GANEvaluator(
          heldOut.images,
          features: FeatureExtractor(
            features, options: PlanOptions(threads: options.threads, profiler: options.profiler)))
      } catch { throw TrainingError(wrapping: error) }
    }
    try self.init(
      settings: GANSettings(
        data: DataIdentity(path: path, names: images.names), trainingCount: training.count,
        holdOutInterval: interval, size: size, width: width, latentSize: latentSize,
        recipe: recipe, featureModel: reference == nil ? nil : features?.card.name,
        evaluationSamples: evaluationSamples),
      images: training, reference: reference, card: card)
  }

  /// Images that are held out from learning.
  public var heldOutCount: Int { settings.data.count - settings.trainingCount }
}
