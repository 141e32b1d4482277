import Datasets
import Engine
import Graphs
import ModelFiles
import Networks

/// A classifier of texts, series or clips laid open for one input at a time: how much each step speaks for a
/// class.
///
/// A step's contribution is gradient × input, summed over its numbers: the derivative of the class's logit,
/// less the mean of the others', by what the first layer that computes with numbers takes (A. Shrikumar et
/// al. 2016, arXiv 1605.01713; of texts the tokens' vectors, M. Denil et al. 2014, arXiv 1412.6815). To first
/// order it is how much the logit would fall if the step held zeros. What is above 0 speaks for the class.
public final class SequenceInspector {
  private let plan: Plan
  private let inputs: [Node]
  private let chosenClass: Node
  private let logits: Node
  private let product: Node
  private let sequence: FeatureSequence
  /// How many classes there are.
  public let classCount: Int
  private let activation: ClassActivation

  /// - Parameter sequence: one input, as ``SequenceClassifier/sequences(of:warn:)`` prepares it.
  public init(
    _ model: SequenceClassifier, _ sequence: FeatureSequence, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    self.sequence = sequence
    let graph = Graph()
    do {
      let built = try model.network.withSteps(max(sequence.steps, 1)).build(
        on: graph, batch: 1, mode: .inference)
      inputs = built.inputs
      let scores = try built.classScores(labelCount: model.classNames.count)
      (logits, classCount, activation) = (scores.logits, scores.classCount, scores.activation)
      chosenClass = try graph.input("chosen class", logits.shape)
      let tokens = built.layers.first { ["Embedding", "OneHot"].contains($0.type) }
      let target = tokens?.output ?? built.input
      let score = try (logits * chosenClass).sum()
      product = try graph.gradients(of: score, withRespectTo: [target])[0] * target
      plan = try Plan(
        graph, outputs: [logits, product], assignments: .none, variables: model.variables,
        options: options)
      let steps = max(sequence.steps, 1)
      try plan.withInput(built.inputs[0]) { input in
        for place in input.indices {
          input[place] = place < sequence.values.count ? sequence.values[place] : 0
        }
      }
      if built.inputs.count > 1 {
        try plan.withInput(built.inputs[1]) {
          $0.update(repeating: Float(min(steps, sequence.steps)))
        }
      }
    } catch { throw InferenceError(wrapping: error) }
  }

  /// What the classifier says, the most probable classes first.
  public func classification(labels: [String]) throws(InferenceError) -> Classification {
    do {
      try plan.withInput(chosenClass) { $0.update(repeating: 0) }
      try plan.run()
      return try plan.withOutput(logits) { values in
        Result { () throws(InferenceError) in
          try Classification(
            logits: values, labels: labels, count: classCount, activation: activation)
        }
      }.get()
    } catch { throw (error as? InferenceError) ?? InferenceError(wrapping: error) }
  }

  /// How much each step speaks for a class, one feature after the other: of a text one number a token, of a
  /// series channels × steps, of a clip one number a frame, of a drawn series one a pixel.
  ///
  /// - Parameter index: the place of the class among the classifier's outputs.
  public func contributions(for index: Int) throws(InferenceError) -> [Float] {
    guard (0..<classCount).contains(index) else { throw .invalid("no class has index \(index)") }
    do {
      try plan.withInput(chosenClass) { chosen in
        // Of two classes the difference of their logits decides.
        chosen.update(repeating: classCount > 1 ? -1 / Float(classCount - 1) : 0)
        chosen[index] = 1
      }
      try plan.run()
      return try plan.withOutput(product) { values in
        let steps = product.shape[2]
        // The same for all of a step's numbers: N × F × L, or a clip's N × C × T × H × W.
        guard product.shape.rank == 3, inputs[0].shape.rank == 2 else {
          guard product.shape.rank == 5 else { return Array(values) }
          let area = product.shape[3] * product.shape[4]
          return (0..<steps).map { step in
            (0..<product.shape[1]).reduce(0) { sum, channel in
              let start = (channel * steps + step) * area
              return values[start..<start + area].reduce(sum, +)
            }
          }
        }
        return (0..<min(steps, sequence.steps)).map { step in
          (0..<product.shape[1]).reduce(0) { $0 + values[$1 * steps + step] }
        }
      }
    } catch { throw InferenceError(wrapping: error) }
  }
}
