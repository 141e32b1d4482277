import Graphs

/// Long short-term memory (S. Hochreiter, J. Schmidhuber, 1997; F. Gers et al., 2000):
///
///     i, f, o = σ(W x + U h₋ + b)    g = tanh(W x + U h₋ + b)
///     c = f ∘ c₋ + i ∘ g             h = o ∘ tanh c
///
/// Shapes and parameters: ``RecurrentLayer``, the parts i, f, g, o; `peephole` [3, units] for i, f, o. Where the
/// gates are coupled f = 1 − i, and the parts are i, g, o; `peephole` is [2, units] for i, o.
public struct LSTM: RecurrentLayer {
  public static let defaultName = "lstm"

  public var units: Int
  public var returnsSequences: Bool
  public var isReversed: Bool
  public var initialStates: [String]
  /// Whether the gates see the state c (F. Gers, J. Schmidhuber: *Recurrent Nets that Time and Count*. 2000).
  public var hasPeepholes: Bool
  /// Whether what is not written is kept (K. Greff et al.: *LSTM: A Search Space Odyssey*. 2015).
  public var couplesGates: Bool

  /// `LSTM(256, returnsSequences: true)`.
  public init(
    _ units: Int, returnsSequences: Bool = false, peepholes: Bool = false,
    coupledGates: Bool = false, reversed: Bool = false, initialStates: [String] = []
  ) {
    self.units = units
    self.returnsSequences = returnsSequences
    self.hasPeepholes = peepholes
    self.couplesGates = coupledGates
    self.isReversed = reversed
    self.initialStates = initialStates
  }

  public var cell: RecurrentCell { .lstm(peepholes: hasPeepholes, coupled: couplesGates) }
}
