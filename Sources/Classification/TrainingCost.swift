import Models
import Networks
import Tensors
import Training

/// How long a classifier's training takes, by a table and not by a clock, so that what it decides is the same
/// on every machine.
struct TrainingCost {
  /// Multiply-adds of two usual cores in a second of training, forward and backward.
  private static let rate = 250e9
  /// A forward pass, and a backward pass by inputs and by weights.
  static let passes = 3.0

  /// Seconds that two cores take for an image; nil for a network that cannot be built so.
  static func secondsPerImage(
    model: String, side: Int, channels: Int, classes: Int
  ) -> Double? {
    guard
      let network = try? Models.named(model, classes: classes, input: [side, side, channels]),
      let summary = try? network.summary()
    else { return nil }
    return seconds(multiplyAdds: summary.multiplyAdds)
  }

  /// The same for a network with so many multiply-adds for an image, forward.
  static func seconds(multiplyAdds: Int) -> Double { passes * Double(multiplyAdds) / rate }
}

extension ClassifierTask {
  /// What all epochs take on two usual cores, in seconds, by the table.
  public var estimatedSeconds: Double {
    let recipe = settings.recipe
    let perImage =
      (try? network.summary()).map { TrainingCost.seconds(multiplyAdds: $0.multiplyAdds) } ?? 0
    return perImage * Double(recipe.epochs) * (Double(images.training.count) + measuredImages)
  }

  /// What an epoch takes on this machine, with its validation, in seconds: a few steps are tried.
  public func secondsPerEpoch(_ settings: TrainingSettings) throws(TrainingError) -> Double {
    let step = try Trainer.secondsPerStep(of: self, settings: settings)
    return step / Double(self.settings.recipe.batchSize)
      * (Double(images.training.count) + measuredImages)
  }

  /// What a new head of a trained network takes, in epochs of the whole: the images go forward once a view.
  public var headEpochs: Double {
    Double(settings.fineTuning?.augmentedViews ?? 0) / TrainingCost.passes
  }

  /// So many images learned from cost as much as those measured by: they go forward only, a third of the
  /// work, twice where mirror images are averaged.
  private var measuredImages: Double {
    (settings.recipe.usesFlipTTA ? 2 : 1) / TrainingCost.passes
      * Double(images.validation?.count ?? 0)
  }
}

extension Recipe {
  /// What a default recipe may take on two cores, in seconds.
  private static let usualDuration = 3_600.0
  /// With fewer epochs a network has not begun to learn.
  private static let fewestEpochs = 5

  /// The recipe with so few epochs, though not fewer than five, that two usual cores finish in about an hour.
  package func limited(toAnHourOf count: Int, channels: Int, classes: Int) -> Recipe {
    guard
      let seconds = TrainingCost.secondsPerImage(
        model: model, side: imageSize, channels: channels, classes: classes)
    else { return self }
    var recipe = self
    let affordable = Self.usualDuration / (seconds * Double(max(count, 1)))
    recipe.epochs = min(epochs, max(Self.fewestEpochs, Int(min(affordable, 1e6))))
    return recipe
  }

  /// The recipe for a given time.
  ///
  /// As many epochs as fit, at most ten times the recipe's own. Where fewer than eight do, images are made
  /// smaller, by a quarter or by half.
  ///
  /// - Parameters:
  ///   - budget: seconds.
  ///   - secondsPerEpoch: what an epoch of this recipe takes, measured.
  ///   - keepsSize: whether the size was chosen by somebody.
  public func fitted(
    to budget: Double, secondsPerEpoch: Double, keepsSize: Bool = false
  ) -> Recipe {
    var recipe = self
    let sides =
      keepsSize || imageSize < Self.smallestReducible
      ? [imageSize] : [imageSize, imageSize * 3 / 4 / 8 * 8, imageSize / 2 / 8 * 8]
    for side in sides {
      let area = Double(side * side) / Double(imageSize * imageSize)
      recipe.imageSize = side
      recipe.epochs = Int(
        min(max(budget / max(secondsPerEpoch * area, 1e-6), 1), Double(10 * epochs)))
      if recipe.epochs >= Self.fewestOfBudget { break }
    }
    return recipe
  }

  private static let fewestOfBudget = 8
  /// Images below this side are not made smaller.
  private static let smallestReducible = 48
}
