import Graphs
import Networks
import Tensors

/// The kernels that a classifier looks at a picture with first.
public struct FirstKernels {
  /// The layer's place in the network, such as `conv1`.
  public let layer: String
  /// Outputs × channels × height × width.
  public let weights: Tensor

  /// - Throws: ``TrainingError/network(_:)`` where the network has no convolution.
  public init(_ model: ClassifierModel) throws(TrainingError) {
    let graph = Graph()
    do { _ = try model.network.build(on: graph, batch: 1, mode: .inference) } catch {
      throw TrainingError(wrapping: error)
    }
    let suffix = ".weight"
    guard
      let variable = graph.variables.first(where: {
        $0.shape.rank == 4 && $0.name.hasSuffix(suffix)
      }), let weights = model.variables[variable.name]
    else { throw .network("the network has no convolution whose kernels could be shown") }
    layer = String(variable.name.dropLast(suffix.count))
    self.weights = weights
  }
}
