import Engine
import Networks
import Tensors

/// Trains a network's head on features that were computed beforehand.
///
/// A new head on trained layers is trained alone first, so that its random beginning does not spoil
/// them (Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform
/// Out-of-Distribution", arXiv 2202.10054).
struct HeadTrainer {
  /// Some hundred steps are enough for one layer.
  static let steps = 1_000
  /// At its top, for Adam.
  static let learningRate: Float = 0.003

  /// How the head did on the features, in all steps.
  struct Outcome {
    var loss: Double
    var accuracy: Double
    /// Of the last step.
    var learningRate: Float
  }

  /// Changes the head's values in `variables`.
  ///
  /// - Parameters:
  ///   - head: the head alone, with the names that it has in the whole network.
  ///   - variables: hold its values.
  /// - Returns: nil when a stop was asked for.
  static func train(
    _ head: Network, on features: FeatureSet, variables: VariableStore, labelSmoothing: Float,
    random: RandomSource, options: PlanOptions
  ) throws(TrainingError) -> Outcome? {
    let batchSize = min(100, features.count)
    let recipe = Recipe(
      model: "head", imageSize: 1, epochs: 1, batchSize: batchSize,
      optimizer: Optimizer(.adam(weightDecay: 0.01, decouplesDecay: true), decaysVectors: false),
      learningRate: learningRate, labelSmoothing: labelSmoothing)
    let own = VariableStore()
    let step = try TrainingStep(
      network: head, recipe: recipe, variables: own, random: random, phase: "head",
      options: PlanOptions(threads: options.threads))
    for name in step.names { own[name] = variables[name] }
    let schedule = recipe.schedule.schedule(steps: steps)
    let batches = features.count / batchSize
    var order: [Int] = []
    var (loss, correct) = (0.0, 0)
    for number in 0..<steps {
      if Interrupt.isRequested { return nil }
      let (pass, batch) = number.quotientAndRemainder(dividingBy: batches)
      if batch == 0 {
        var source = random.examples(phase: "head").split("order/\(pass)")
        order = source.permutation(features.count)
      }
      let indices = Array(order[batch * batchSize..<(batch + 1) * batchSize])
      let outcome = try step.run(learningRate: learningRate * schedule.factor(at: number)) {
        features.write(indices, to: $0)
        return indices.map { features.labels[$0] }
      }
      guard outcome.loss.isFinite else {
        throw .notANumber(epoch: 0, step: number + 1, layer: "the new head")
      }
      loss += outcome.loss
      correct += outcome.confusion.correct
    }
    for name in step.names { variables[name] = own[name] }
    return Outcome(
      loss: loss / Double(steps), accuracy: Double(correct) / Double(steps * batchSize),
      learningRate: learningRate * schedule.factor(at: steps - 1))
  }
}
