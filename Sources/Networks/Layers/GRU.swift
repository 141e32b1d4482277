import Graphs

/// Gated recurrent unit (K. Cho et al., 2014, arXiv 1406.1078):
///
///     z, r = σ(W x + U h₋ + b)    n = tanh(W x + b + U (r ∘ h₋))    h = (1 − z) ∘ n + z ∘ h₋
///
/// or, reset after the product as cuDNN, Keras and PyTorch have it, n = tanh(W x + b + r ∘ (U h₋ + b′)).
///
/// Shapes and parameters: ``RecurrentLayer``, the parts z, r, n; `bias_hh` [3 · units] for b′.
public struct GRU: RecurrentLayer {
  public static let defaultName = "gru"

  public var units: Int
  public var returnsSequences: Bool
  public var isReversed: Bool
  public var initialStates: [String]
  /// Whether r resets U h₋ rather than h₋.
  public var resetsAfter: Bool

  /// `GRU(32)`.
  public init(
    _ units: Int, returnsSequences: Bool = false, resetAfter: Bool = true, reversed: Bool = false,
    initialStates: [String] = []
  ) {
    self.units = units
    self.returnsSequences = returnsSequences
    self.resetsAfter = resetAfter
    self.isReversed = reversed
    self.initialStates = initialStates
  }

  public var cell: RecurrentCell { .gru(resetAfter: resetsAfter) }
}
