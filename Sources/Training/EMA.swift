import Engine
import Glibc
import Graphs
import Networks
import Tensors

/// An exponential moving average (EMA) of a network's values over the steps of its training: it lies in
/// the middle of where the last steps wandered, and is better than any one of them.
///
/// B. T. Polyak, A. B. Juditsky: *Acceleration of Stochastic Approximation by Averaging*. 1992. At the
/// beginning, while little was averaged, it reaches back less far, so that the first values are soon
/// forgotten (T. Karras et al. 2020, arXiv 2006.06676, §B). Running statistics of batch normalization are
/// averaged as well: they belong to the weights.
public struct EMA: Hashable, Sendable, Codable {
  /// After so many further examples the present values count for half.
  public var halfLife: Double

  public init(halfLife: Double) {
    self.halfLife = halfLife
  }

  /// The average is updated after every so many steps, and at each epoch's end: often enough to see where
  /// the values go, seldom enough to cost nothing.
  static let interval = 5
  /// The half-life is at most this fraction of the examples seen.
  private static let rampUp = 0.05

  /// The weight that the present values get in an update.
  ///
  /// - Parameters:
  ///   - seen: examples since the average began.
  ///   - new: those of them since the last update.
  package func weight(seen: Int, new: Int) -> Float {
    Float(1 - exp2(-Double(new) / max(min(halfLife, Self.rampUp * Double(seen)), 1)))
  }
}

/// The average of variables as a plan of its own, which keeps it in the variables' store: the average of
/// `conv1.weight` is `average.conv1.weight`.
package final class EMAUpdate {
  static let scope = "average"

  private let plan: Plan
  private let weight: Node

  /// - Parameter variables: holds a value for each of them; gets the averages, which begin with it.
  package init(
    of averaged: [Variable], variables: VariableStore, options: PlanOptions
  ) throws(TrainingError) {
    do {
      let graph = Graph()
      weight = try graph.input("weight", [])
      var values: [(name: String, value: Node)] = []
      for variable in averaged {
        values.append((variable.name, try graph.buffer(variable.name, variable.shape, .zeros)))
        let average = "\(Self.scope).\(variable.name)"
        if variables[average] == nil { variables[average] = variables[variable.name] }
      }
      try addMovingAverage(of: values, weight: weight)
      plan = try Plan(graph, outputs: [], variables: variables, options: options)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Takes the present values into the average.
  package func run(weight share: Float) throws(TrainingError) {
    do {
      try plan.withInput(weight) { $0[0] = share }
      try plan.run()
    } catch { throw TrainingError(wrapping: error) }
  }
}
