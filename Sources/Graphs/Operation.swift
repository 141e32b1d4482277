import Tensors

/// A pure function from tensors to tensors: what its outputs look like, and its derivative.
///
/// How it is computed is the engine's matter.
public protocol Operation: Sendable, Hashable {
  /// The shapes of the outputs.
  ///
  /// - Throws: what was expected and what was received, where the inputs do not fit.
  func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape]

  /// The nodes that carry the gradient of a scalar to each input; nil where it is zero everywhere
  /// or not needed.
  ///
  /// - Throws: where the operation has no derivative.
  func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?]

  /// Whether each run draws new numbers, so that two equal operations still differ.
  var isRandom: Bool { get }

  /// The operation's name, for errors and profiles.
  var name: String { get }
}

extension Operation {
  public var isRandom: Bool { false }

  public var name: String { String(describing: Self.self) }
}

/// What an operation is asked for when a gradient passes through it.
public struct GradientRequest {
  /// The tensors that went in.
  public let inputs: [Node]
  /// The tensors that came out.
  public let outputs: [Node]
  /// The gradient that arrives at each output; nil where none does. At least one is there.
  public let upstream: [Node?]
  /// Which inputs lie on a way to what was asked for. Nodes for others are better not made.
  public let needed: [Bool]

  /// The gradient at the only output, or at the first of several.
  ///
  /// - Throws: when a gradient arrives at another output, which `operation` cannot carry back.
  func onlyUpstream(_ operation: some Operation) throws(GraphError) -> Node {
    guard let first = upstream[0], upstream.dropFirst().allSatisfy({ $0 == nil }) else {
      throw operation.failure("expected a gradient at the first output only")
    }
    return first
  }

  /// `make()` where input `index` needs a gradient, else nil.
  func ifNeeded(
    _ index: Int, _ make: () throws(GraphError) -> Node?
  ) throws(GraphError) -> Node? {
    needed[index] ? try make() : nil
  }
}
