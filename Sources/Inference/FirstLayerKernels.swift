import Graphs
import Networks
import Tensors

/// The kernels of a classifier's first convolution.
public struct FirstLayerKernels {
  /// The layer's place in the network, such as `conv1`.
  public let layer: String
  /// Outputs × channels × height × width.
  public let weights: Tensor

  /// - Throws: ``InferenceError/network(_:)`` where the network has no convolution.
  public init(_ model: Classifier) throws(InferenceError) {
    let graph = Graph()
    do { _ = try model.network.build(on: graph, batch: 1, mode: .inference) } catch {
      throw InferenceError(wrapping: error)
    }
    let suffix = ".weight"
    let kernels = graph.variables.filter { $0.shape.rank == 4 }
    // Files from elsewhere may call them anything.
    guard let variable = kernels.first(where: { $0.name.hasSuffix(suffix) }) ?? kernels.first,
      let weights = model.variables[variable.name]
    else { throw .network("the network has no convolution whose kernels could be shown") }
    let name = variable.name
    layer = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    self.weights = weights
  }
}
