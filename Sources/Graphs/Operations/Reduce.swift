import Tensors

/// Reduces axes to one number each: their sum, mean, largest, smallest or product.
///
/// Input: x. Output: x's shape without the reduced axes, or with 1 in their places.
public struct Reduce: Operation {
  public enum Kind: Hashable, Sendable {
    case sum, mean, max, min, product
  }

  public let kind: Kind
  /// The axes to reduce, each from 0 up to the rank, in ascending order.
  public let axes: [Int]
  /// Whether reduced axes stay, with an extent of 1.
  public let keepsAxes: Bool

  public init(_ kind: Kind, axes: [Int], keepsAxes: Bool = false) {
    self.kind = kind
    self.axes = axes.sorted()
    self.keepsAxes = keepsAxes
  }

  public var name: String { "Reduce(\(kind))" }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    try require(inputs, count: 1)
    try require(axes: axes, in: inputs[0])
    let kept = keptShape(inputs[0])
    if keepsAxes { return [kept] }
    return [Shape(kept.dimensions.indices.filter { !axes.contains($0) }.map { kept[$0] })]
  }

  /// The input's shape with 1 in place of each reduced axis.
  private func keptShape(_ input: Shape) -> Shape {
    Shape(input.dimensions.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
  }

  /// A sum hands its gradient to every element, a mean a share of it; a maximum or minimum hands
  /// it, in equal parts, to the elements that attain it.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    let upstream = try request.onlyUpstream(self)
    let (x, y) = (request.inputs[0], request.outputs[0])
    let kept = keptShape(x.shape)
    let g = try upstream.reshaped(to: kept)
    switch kind {
    case .sum: return [try g.broadcast(to: x.shape)]
    case .mean:
      let count = Float(x.shape.count / kept.count)
      return [try (g / count).broadcast(to: x.shape)]
    case .max, .min:
      let attains = try x.combined(.equal, y.reshaped(to: kept))
      let shares = try g / attains.sum(axes: axes, keepsAxes: true)
      return [try attains * shares]
    case .product: throw failure("a product has no gradient here; write it as exp of a sum of log")
    }
  }
}
