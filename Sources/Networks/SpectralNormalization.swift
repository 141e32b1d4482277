import Graphs
import Tensors

/// Weights divided by their largest singular value σ, so that the layer cannot stretch anything.
///
/// Seen as a matrix W of rows W[o, ·] the singular value is estimated by one step of power
/// iteration a run, with the vector u kept as state (`NAME.u`) from run to run:
///
///     v = Wᵀu / ‖Wᵀu‖, u ← Wv / ‖Wv‖, σ = uᵀWv
///
/// u and v count as constants in the derivative: hold `vectors`.
///
/// T. Miyato et al.: *Spectral Normalization for Generative Adversarial Networks*. 2018, arXiv
/// 1802.05957, algorithm 1.
public struct SpectralNormalization {
  private let left: Node
  private let right: Node

  /// u and v, to be held constant when gradients are taken.
  public var vectors: [Node] { [left, right] }

  /// Finds the singular vectors of a parameter's present value and assigns the new u.
  ///
  /// - Parameters:
  ///   - parameter: weights with two or more axes, outputs first.
  ///   - name: the parameter's name, which the state's begins with.
  public init(of parameter: Node, name: String) throws(NetworkError) {
    (left, right) = try training { () throws(GraphError) in
      let graph = parameter.graph
      let matrix = try Self.matrix(parameter)
      let u = try graph.buffer("\(name).u", [1, matrix.shape[0]], .normal(std: 1))
      let v = try Self.unit(u.applying(MatrixMultiply(), matrix))
      let next = try Self.unit(
        v.applying(MatrixMultiply(transposeRight: true), matrix))
      try graph.assign(u, next)
      return (next, v)
    }
  }

  /// `weight / σ`, where the weight is the parameter or what became of it in this run.
  public func normalized(_ weight: Node) throws(NetworkError) -> Node {
    try training { () throws(GraphError) in
      let image = try right.applying(
        MatrixMultiply(transposeRight: true), Self.matrix(weight))
      return try weight / (image * left).sum()
    }
  }

  private static func matrix(_ weight: Node) throws(GraphError) -> Node {
    let rows = weight.shape[0]
    return try weight.reshaped(to: [rows, weight.shape.count / rows])
  }

  private static func unit(_ vector: Node) throws(GraphError) -> Node {
    try vector / (vector.map(.square).sum() + 1e-12).map(.sqrt)
  }
}
