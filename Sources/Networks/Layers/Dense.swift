import Graphs
import Tensors

/// A fully connected layer: y = x · Wᵀ + b.
///
/// Shapes: N × F → N × units.
/// Parameters: `weight` [units, F], `bias` [units].
public struct Dense: Layer {
  public static let defaultName = "dense"

  /// The number of outputs.
  public var units: Int
  /// Whether a number is added to each output.
  public var usesBias: Bool
  /// What is applied to the result.
  public var activation: Activation
  /// How the weights begin; Glorot's uniform distribution where nil.
  public var initializer: Initializer?
  /// How the biases begin; zeros where nil.
  public var biasInitializer: Initializer?

  /// `units` outputs, each of all inputs: `Dense(10, activation: .softmax)`.
  public init(
    _ units: Int, bias: Bool = true, activation: Activation = .linear,
    initializer: Initializer? = nil, biasInitializer: Initializer? = nil
  ) {
    self.units = units
    self.usesBias = bias
    self.activation = activation
    self.initializer = initializer
    self.biasInitializer = biasInitializer
  }

  public var description: String { "Dense(\(units))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard input.shape.rank == 2 else {
      throw context.mismatch(expected: "a flat input", received: input, fix: "add Flatten()")
    }
    try context.require(units, "units", in: Limit.count)
    let features = input.shape[1]
    let weight = try context.parameter(
      "weight", [units, features], initializer ?? .glorotUniform, fanIn: features, fanOut: units)
    var output = try context.apply(
      MatrixMultiply(transposeLeft: false, transposeRight: true), input, weight)
    context.countMultiplyAdds(outputs: output.shape.count, terms: features)
    if usesBias {
      let bias = try context.parameter(
        "bias", [units], biasInitializer ?? .zeros, fanIn: features, fanOut: units)
      output = try context.addBias(bias, to: output)
    }
    return try context.activate(output, activation)
  }
}
