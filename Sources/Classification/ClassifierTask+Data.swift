import Datasets
import ModelFiles
import Models
import Networks
import Tensors
import Training

extension ClassifierTask {
  /// A task from data: decodes the images and fits recipe, network and data to each other.
  ///
  /// - Parameters:
  ///   - validationFraction: of each class, split off for validation where the data has no part for it;
  ///     0 up to 1.
  ///   - pretrained: a trained network to begin from; nil begins with random values.
  ///   - freeze: which of its layers stay as they are.
  ///   - statistics: mean and standard deviation of each channel, of a run that goes on; nil takes those
  ///     of the images.
  ///   - card: what the model file says beside what is measured.
  ///   - progress: is told of images decoded, from several threads.
  public init(
    data: TrainingData, validationFraction: Double = 0.1, recipe: Recipe,
    pretrained: PretrainedModel? = nil, freeze: Freeze = .none,
    statistics: (mean: [Float], std: [Float])? = nil, card: ModelCard,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) {
    try recipe.validate(epochs: pretrained == nil ? 1 : 0)
    let classNames = data.training.classNames
    let size = recipe.imageSize
    let channels = pretrained?.card.preprocessing?.channels ?? data.channels
    var form = Preprocessing(
      width: size, height: size, channels: channels, mean: Array(repeating: 0, count: channels),
      std: Array(repeating: 1, count: channels))
    // In use, larger images are to show no more than those that it learns from.
    if data.kind == .photos, data.typicalWidth < size { form.detailSide = data.typicalWidth }
    let network: Network
    let isMultiLabel = data.training.isMultiLabel
    do {
      let made =
        try pretrained?.network(
          classes: classNames.count, imageSize: size, isMultiLabel: isMultiLabel)
        ?? Models.classifier(
          recipe.model, classes: classNames.count, input: [size, size, channels],
          isMultiLabel: isMultiLabel)
      network = recipe.dropout.map(made.withDropout) ?? made
      // Before minutes are spent on decoding, whether the network can be had at all.
      _ = try network.summary()
    } catch { throw .options("\(error)") }
    if !card.groups.isEmpty {
      do throws(ModelFileError) { _ = try LabelGroups(card.groups, labels: classNames) } catch {
        throw .options("--card: \(error)")
      }
    }
    let weights =
      try pretrained?.weights(for: network, classNames: classNames, isMultiLabel: isMultiLabel)
      ?? TensorTable()
    let keepsHead = pretrained?.tells(classNames, isMultiLabel: isMultiLabel) ?? false
    let images = try data.prepared(
      for: form, recipe: recipe, validationFraction: validationFraction, progress: progress)
    if let input = pretrained?.card.preprocessing {
      (form.mean, form.std, form.resizeMode) = (input.mean, input.std, input.resizeMode)
    } else if network.layers.first?.layer is any RawPixelLayer {
      form.std = Array(repeating: 1 / 255, count: channels)
    } else if let statistics, statistics.mean.count == channels, statistics.std.count == channels {
      (form.mean, form.std) = statistics
    } else {
      (form.mean, form.std) = images.training.channelStatistics(for: form)
    }
    let settings = ClassifierSettings(
      classNames: classNames, isMultiLabel: isMultiLabel,
      trainingCounts: images.training.classCounts,
      validationCounts: images.validation?.classCounts ?? [],
      validationFraction: data.validation == nil ? validationFraction : 0, recipe: recipe,
      fineTuning: try pretrained?.fineTuning(
        freeze, images: images.training.count, classes: classNames.count,
        keepsHead: recipe.epochs > 0 && keepsHead),
      input: form,
      data: data.identities)
    self.init(
      settings: settings, network: network, images: images, pretrainedWeights: weights, card: card)
  }
}

extension Models {
  /// The architecture of a name for some classes, or for labels that hold or not, each on its own, which ends
  /// in a sigmoid.
  fileprivate static func classifier(
    _ name: String, classes: Int, input: Shape, isMultiLabel: Bool
  ) throws(NetworkError) -> Network {
    let network = try named(name, classes: classes, input: input)
    return isMultiLabel ? try network.withClasses(classes, activation: .sigmoid) : network
  }
}
