/// What a layer with memory computes at each step from the step's input x, its output h₋ and state c₋
/// of the step before.
///
/// σ is the logistic function, ∘ the element-wise product; W, U and b fall into the parts of the gates in
/// the order in which these are listed.
public enum RecurrentCell: Hashable, Sendable {
  /// J. L. Elman: *Finding Structure in Time*. 1990. One part:
  ///
  ///     h = f(W x + U h₋ + b),  f = tanh, or max(0, ·) where `rectifies`
  case simple(rectifies: Bool = false)
  /// Long short-term memory (S. Hochreiter, J. Schmidhuber, 1997; forget gate: F. Gers et al., 2000). Parts
  /// i, f, g, o:
  ///
  ///     i, f, o = σ(W x + U h₋ + b)        g = tanh(W x + U h₋ + b)
  ///     c = f ∘ c₋ + i ∘ g                 h = o ∘ tanh c
  ///
  /// With `peepholes` p (F. Gers, J. Schmidhuber: *Recurrent Nets that Time and Count*. 2000) i and f see
  /// p ∘ c₋ and o sees p ∘ c. Where the gates are `coupled` (K. Greff et al.: *LSTM: A Search Space
  /// Odyssey*. 2015), f = 1 − i has no weights and the parts are i, g, o.
  case lstm(peepholes: Bool = false, coupled: Bool = false)
  /// Gated recurrent unit (K. Cho et al., 2014). Parts z, r, n:
  ///
  ///     z, r = σ(W x + U h₋ + b)           h = (1 − z) ∘ n + z ∘ h₋
  ///     n = tanh(W x + b + U (r ∘ h₋))
  ///
  /// Where it is `resetAfter` the product there is a second bias b′, which z and r add to b, and
  ///
  ///     n = tanh(W x + b + r ∘ (U h₋ + b′))
  case gru(resetAfter: Bool = false)

  /// How many parts W, U and b fall into.
  public var gates: Int {
    switch self {
    case .simple: 1
    case .lstm(_, let coupled): coupled ? 3 : 4
    case .gru: 3
    }
  }

  /// How many vectors of peephole weights there are, in the order i, f, o.
  public var peepholes: Int {
    guard case .lstm(true, let coupled) = self else { return 0 }
    return coupled ? 2 : 3
  }

  /// Whether a state c runs beside h.
  public var hasState: Bool { if case .lstm = self { true } else { false } }

  /// Whether there is a second bias.
  public var hasRecurrentBias: Bool { self == .gru(resetAfter: true) }

  /// How many numbers a unit keeps of each step for the way back, beside h and c: the gates, and of a GRU
  /// what r is multiplied with or makes (U h₋ + b′, or r ∘ h₋). A simple cell needs none but h.
  public var slots: Int {
    switch self {
    case .simple: 0
    case .lstm: gates
    case .gru: 4
    }
  }
}
