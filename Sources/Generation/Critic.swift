import Graphs
import Models
import Networks
import Training

/// The discriminator in a graph, applied to several batches of images.
struct Critic {
  private let network: Network
  private let scope: String
  private(set) var parameters: [Node] = []
  private let norms: [String: SpectralNormalization]
  /// What stands in for the parameters: of spectral norm 1, or updated.
  private var values: [String: Node] = [:]

  init(
    _ network: Network, scope: String, normalization: GANRecipe.Normalization, graph: Graph
  ) throws {
    self.network = network
    self.scope = scope
    // Declares the variables; nothing depends on this input.
    let input = try graph.input("discriminator", network.inputShape.batched(1))
    let built = try network.build(
      on: input, mode: .training, scope: scope, updatesStatistics: false)
    parameters = built.parameters
    var norms: [String: SpectralNormalization] = [:]
    for parameter in parameters where normalization == .spectral && parameter.shape.rank > 1 {
      guard let name = parameter.variableName else { continue }
      let norm = try SpectralNormalization(of: parameter, name: name)
      norms[name] = norm
      values[name] = try norm.normalized(parameter)
    }
    self.norms = norms
  }

  /// What is held constant when gradients are taken.
  var vectors: [Node] { norms.values.flatMap(\.vectors) }

  /// Takes what an update made of the parameters.
  mutating func replace(_ updates: [ParameterUpdate]) throws(NetworkError) {
    for update in updates {
      values[update.name] = try norms[update.name]?.normalized(update.value) ?? update.value
    }
  }

  func logits(_ images: Node) throws(NetworkError) -> Node {
    try network.build(
      on: images, mode: .training, scope: scope, updatesStatistics: false, values: values
    ).logits
  }
}
