import Datasets
import Files
import Networks

extension ClassifierTrainer {
  /// Trains the new head alone, on features that are computed once, and measures it as epoch 0.
  ///
  /// - Returns: false when a stop was asked for; nothing is kept then.
  func trainHead(
    _ transfer: Transfer, _ report: (TrainingEvent) -> Void
  ) throws(TrainingError) -> Bool {
    let start = MonotonicClock.seconds
    let backbone = network.prefix(network.backboneLayerCount ?? 0)
    let batchSize = min(recipe.batchSize, pictures.training.count)
    let plain = Loader(pictures.training, form: settings.input, batchSize: batchSize)
    var loaders = [(loader: plain, batches: plain.batchCount)]
    if transfer.views > 1 {
      let varied = trainingLoader(batchSize: batchSize, random: random.examples(phase: "views"))
      loaders.append((varied, (transfer.views - 1) * varied.batchCount))
    }
    guard
      let features = try FeatureSet(
        backbone: backbone, variables: variables, loaders: loaders, batchSize: batchSize,
        options: options, progress: { report(.features($0, of: $1)) }),
      let outcome = try HeadTrainer.train(
        network.suffix(from: backbone.layers.count, input: features.shape), on: features,
        variables: variables, labelSmoothing: recipe.labelSmoothing, random: random,
        options: options)
    else { return false }
    askPresentValues()
    guard let evaluation = try validate(after: 0, report) else { return false }
    try finish(
      epoch: 0, learningRate: outcome.learningRate, loss: outcome.loss,
      accuracy: outcome.accuracy, evaluation, seconds: MonotonicClock.seconds - start, report)
    return true
  }
}
