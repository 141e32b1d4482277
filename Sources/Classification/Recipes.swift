import Datasets
import Networks

extension Recipe {
  /// The recipe for some data when nothing is asked for.
  ///
  /// - Parameter fraction: of each class that is split off for validation.
  public static func `default`(
    for data: TrainingData, validationFraction fraction: Double = 0
  ) -> Recipe {
    var recipe =
      switch data.kind {
      case .smallGrayscale: smallGrayscale
      case .smallColor: smallColor
      case .photos where data.commonSide < smallestPhoto: smallPhotos
      case .photos: photos
      }
    switch data.kind {
    // Smaller ones are enlarged to what the networks can still reduce.
    case .smallGrayscale: recipe.imageSize = max(data.typicalWidth, 4)
    case .smallColor: recipe.imageSize = max(data.typicalWidth, 12)
    // Maps of whole tiles where convolutions are computed in tiles of four.
    case .photos: recipe.imageSize = min(recipe.imageSize, max(48, data.commonSide / 16 * 16))
    }
    // Smoothing spreads over the others what one class leaves; labels that hold each on its own leave
    // nothing.
    if data.training.isMultiLabel { recipe.labelSmoothing = 0 }
    let count = data.trainingCount(validationFraction: fraction)
    return recipe.scaled(to: count).limited(
      toAnHourOf: count, channels: data.channels, classes: data.training.classNames.count)
  }

  /// Below this side a photograph is too small for a network that begins by reducing it four times.
  private static let smallestPhoto = 112

  /// The recipe for some data whose classes a trained network is to learn.
  ///
  /// Augmented as ``default(for:validationFraction:)`` has it; small steps (Kornblith et al. 2019, "Do Better ImageNet Models
  /// Transfer Better?", arXiv 1805.08974), the fewer the more images there are, those of kernels in
  /// proportion to their lengths.
  public static func fineTuning(
    of model: PretrainedModel, for data: TrainingData, validationFraction fraction: Double = 0
  ) -> Recipe {
    var recipe = `default`(for: data, validationFraction: fraction)
    let count = data.trainingCount(validationFraction: fraction)
    recipe.model = model.card.name
    recipe.imageSize = model.imageSize(for: data)
    recipe.batchSize = min(50, max(8, count / 10))
    recipe.optimizer = Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysBiasesAndNorms: false,
      muon: Muon())
    recipe.learningRate = 0.01 * Float(recipe.batchSize) / 50
    recipe.schedule = .cosine
    recipe.batchNormBiasLRFactor = 1
    recipe.labelSmoothing = data.training.isMultiLabel ? 0 : 0.1
    recipe.epochs = min(max(20_000 / max(count, 1), 5), 30)
    recipe.emaEpochs = 1
    return recipe
  }

  /// Small color images, CIFAR-10 above all.
  ///
  /// Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498: whitening, fast
  /// biases, label smoothing, flips at test time. Departures: learning rate and decay are given for the
  /// mean loss (his 11.5 per 1,024 images and 0.0153), orthogonal steps of the kernels (as in his later
  /// record), more epochs, a shift by 4 instead of 2 pixels, an average of the weights instead of
  /// look-ahead.
  public static let smallColor = Recipe(
    model: "whitened-cnn", imageSize: 32, epochs: 20, batchSize: 500,
    optimizer: Optimizer(
      .sgd(momentum: 0.85, nesterov: true, weightDecay: 0.00133), decaysBiasesAndNorms: false,
      muon: Muon(learningRateFactor: 1 / 15)),
    learningRate: 0.75, schedule: .triangle, batchNormBiasLRFactor: 64, labelSmoothing: 0.2,
    augmentation: [.flip, .shift], emaEpochs: 0.5, usesFlipTTA: true)

  /// Small gray images: digits, letters, clothes.
  ///
  /// Schedule: He et al. 2019, "Bag of Tricks", arXiv 1812.01187; the small affine changes are usual for
  /// digits (Simard et al. 2003). Images are not flipped, since letters and digits have a left and a
  /// right.
  public static let smallGrayscale = Recipe(
    model: "compact-resnet", imageSize: 28, epochs: 12, batchSize: 250,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysBiasesAndNorms: false,
      muon: Muon(learningRateFactor: 1 / 4)),
    learningRate: 0.2, schedule: .cosine, labelSmoothing: 0.1, augmentation: [.affine],
    emaEpochs: 0.5)

  /// Photos in folders.
  ///
  /// He et al. 2019, "Bag of Tricks", arXiv 1812.01187 (warm-up, cosine, label smoothing, decay of weights
  /// alone) with random crops (Szegedy et al. 2015) on smaller images and batches. The kernels'
  /// orthogonal steps take 4,500 of imagenette's photos in 20 epochs to 85 % of those held out, plain
  /// ones to 78 %.
  public static let photos = Recipe(
    model: "resnet18", imageSize: 128, epochs: 20, batchSize: 125,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysBiasesAndNorms: false,
      muon: Muon()),
    learningRate: 0.05, schedule: .cosine, labelSmoothing: 0.1, augmentation: [.crop, .flip],
    emaEpochs: 1, usesFlipTTA: true)

  /// Photographs of about 64 × 64 pixels in folders.
  ///
  /// As ``photos``, with a stem that reduces once instead of twice and more variation, since there are
  /// fewer pixels to tell images apart by.
  public static let smallPhotos = Recipe(
    model: "photo-resnet", imageSize: 64, epochs: 30, batchSize: 128,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysBiasesAndNorms: false,
      muon: Muon()),
    learningRate: 0.05, schedule: .cosine, labelSmoothing: 0.1,
    augmentation: [.crop, .flip, .color], emaEpochs: 1, usesFlipTTA: true)

  /// Smaller batches and more epochs for few images, so that there are steps enough to learn in: at
  /// least ten in an epoch, at most ten times the epochs.
  private func scaled(to count: Int) -> Recipe {
    var recipe = self
    let steps = count / batchSize
    if steps < 10 {
      recipe.batchSize = min(batchSize, max(8, count / 10))
      recipe.learningRate *= Float(recipe.batchSize) / Float(batchSize)
    }
    let fewest = 700 / max(1, count / recipe.batchSize)
    recipe.epochs = min(max(epochs, fewest), 10 * epochs)
    return recipe
  }
}
