import Datasets
import Networks

extension Recipe {
  /// The recipe for found pictures when nothing is asked for.
  ///
  /// - Parameter share: of each class that is split off for validation.
  public static func suited(
    to pictures: TrainingPictures, validationShare share: Double = 0
  ) -> Recipe {
    var recipe =
      switch pictures.kind {
      case .smallGrey: drawings
      case .smallColour: objects
      case .photos: photos
      }
    if pictures.kind != .photos { recipe.imageSize = pictures.typicalWidth }
    return recipe.scaled(to: pictures.trainingCount(validationShare: share))
  }

  /// The recipe for found pictures whose classes a trained network is to learn.
  ///
  /// Varied as ``suited(to:)`` has it; small steps (Kornblith et al. 2019, "Do Better ImageNet Models
  /// Transfer Better?", arXiv 1805.08974), the fewer the more pictures there are, those of kernels in
  /// proportion to their lengths.
  public static func transfer(
    to pictures: TrainingPictures, validationShare share: Double = 0, from start: StartingPoint
  ) -> Recipe {
    var recipe = suited(to: pictures, validationShare: share)
    let count = pictures.trainingCount(validationShare: share)
    recipe.model = start.card.name
    recipe.imageSize = start.imageSize
    recipe.batchSize = min(50, max(8, count / 10))
    recipe.optimizer = Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysVectors: false,
      orthogonalSteps: OrthogonalSteps())
    recipe.learningRate = 0.01 * Float(recipe.batchSize) / 50
    recipe.schedule = .cosine
    recipe.shiftRateFactor = 1
    recipe.labelSmoothing = 0.1
    recipe.epochs = min(max(20_000 / max(count, 1), 5), 30)
    recipe.averagedEpochs = 1
    return recipe
  }

  /// Small colour pictures, CIFAR-10 above all.
  ///
  /// Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498: whitening, fast
  /// shifts, label smoothing, mirrored when asked. Departures: learning rate and decay are given for the
  /// mean loss (his 11.5 per 1,024 pictures and 0.0153), orthogonal steps of the kernels (as in his later
  /// record), more epochs, a shift by 4 instead of 2 pixels, an average of the weights instead of
  /// look-ahead.
  public static let objects = Recipe(
    model: "whitened-cnn", imageSize: 32, epochs: 20, batchSize: 500,
    optimizer: Optimizer(
      .sgd(momentum: 0.85, nesterov: true, weightDecay: 0.00133), decaysVectors: false,
      orthogonalSteps: OrthogonalSteps(rateFactor: 1 / 15)),
    learningRate: 0.75, schedule: .triangle, shiftRateFactor: 64, labelSmoothing: 0.2,
    augmentation: [.flip, .shift], averagedEpochs: 0.5, mirrorsWhenAsked: true)

  /// Small grey pictures: digits, letters, clothes.
  ///
  /// Schedule: He et al. 2019, "Bag of Tricks", arXiv 1812.01187; the small affine changes are usual for
  /// digits (Simard et al. 2003). Pictures are not mirrored, since letters and digits have a left and a
  /// right.
  public static let drawings = Recipe(
    model: "compact-resnet", imageSize: 28, epochs: 12, batchSize: 250,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysVectors: false,
      orthogonalSteps: OrthogonalSteps(rateFactor: 1 / 4)),
    learningRate: 0.2, schedule: .cosine, labelSmoothing: 0.1, augmentation: [.affine],
    averagedEpochs: 0.5)

  /// Photos in folders.
  ///
  /// He et al. 2019, "Bag of Tricks", arXiv 1812.01187 (warm-up, cosine, label smoothing, decay of weights
  /// alone) with random crops (Szegedy et al. 2015) on smaller pictures and batches. The kernels'
  /// orthogonal steps take 4,500 of imagenette's photos in 20 epochs to 85 % of those held out, plain
  /// ones to 78 %.
  public static let photos = Recipe(
    model: "resnet18", imageSize: 128, epochs: 20, batchSize: 125,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 5e-4), decaysVectors: false,
      orthogonalSteps: OrthogonalSteps()),
    learningRate: 0.05, schedule: .cosine, labelSmoothing: 0.1, augmentation: [.crop, .flip],
    averagedEpochs: 1, mirrorsWhenAsked: true)

  /// Smaller batches and more epochs for few pictures, so that there are steps enough to learn in: at
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
