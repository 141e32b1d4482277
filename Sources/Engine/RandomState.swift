import Tensors

/// What a plan's random operations draw from.
final class RandomState {
  var source: RandomSource
  /// How many runs went before.
  var run = 0

  init(_ source: RandomSource) { self.source = source }
}
