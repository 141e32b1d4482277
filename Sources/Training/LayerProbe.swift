import Datasets
import Engine
import Graphs
import Networks
import Tensors

/// Finds the first layer whose output holds something else than a finite number.
struct LayerProbe {
  private let plan: Plan
  private let images: Node
  private let layers: [LayerReport]

  /// The network in training mode, with every layer's output kept and nothing changed by running.
  init(
    network: Network, batchSize: Int, frozen: Int, variables: VariableStore,
    completedSteps: Int, random: RandomSource, options: PlanOptions
  ) throws(TrainingError) {
    let graph = Graph()
    do {
      let (input, built) = try network.buildForTraining(
        on: graph, batch: batchSize, frozen: frozen)
      images = input
      layers = built.layers
      plan = try Plan(
        graph, outputs: layers.map(\.output), assignments: .none, variables: variables,
        random: random, options: options)
      plan.completedRuns = completedSteps
    } catch { throw TrainingError(wrapping: error) }
  }

  /// The first layer with such an output for the loader's next batch; nil where all are finite.
  func firstNotFinite(on loader: Loader) throws(TrainingError) -> String? {
    do {
      _ = try plan.withInput(images) { loader.next(into: $0) }
      try plan.run()
      for layer in layers {
        let isFinite = try plan.withOutput(layer.output) { $0.allSatisfy(\.isFinite) }
        if !isFinite { return "\(layer.path) (\(layer.declaration))" }
      }
      return nil
    } catch { throw TrainingError(wrapping: error) }
  }
}
