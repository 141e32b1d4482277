import Graphs

/// A plain recurrent layer (J. L. Elman: *Finding Structure in Time*. 1990):
///
///     hₜ = activation(W xₜ + U hₜ₋₁ + b)
///
/// Shapes and parameters: ``RecurrentLayer``, G = 1.
public struct SimpleRNN: RecurrentLayer {
  public static let defaultName = "rnn"

  public var units: Int
  public var returnsSequences: Bool
  public var isReversed: Bool
  public var initialStates: [String]
  /// `.tanh` or `.relu`.
  public var activation: Activation

  /// `SimpleRNN(32)`.
  public init(
    _ units: Int, returnsSequences: Bool = false, activation: Activation = .tanh,
    reversed: Bool = false, initialStates: [String] = []
  ) {
    self.units = units
    self.returnsSequences = returnsSequences
    self.activation = activation
    self.isReversed = reversed
    self.initialStates = initialStates
  }

  public var cell: RecurrentCell { .simple(rectifies: activation == .relu) }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    guard activation == .tanh || activation == .relu else {
      throw context.failure("activation \(activation.name): expected tanh or relu")
    }
    return try recur(over: input, in: &context)
  }
}
