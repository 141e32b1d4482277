import Engine
import Graphs
import Tensors

/// The independent streams that a training draws from: each has a name, and none depends on how much
/// was drawn from another.
extension RandomSource {
  /// What initial values are drawn from, whatever is trained.
  var initialization: RandomSource { split("first values") }

  /// What the random operations of a phase's steps draw from: dropout, latents, noise.
  func operations(phase: String) -> RandomSource { split(phase).split("operations") }

  /// What the order and the augmentation of a phase's examples are drawn from.
  func examples(phase: String) -> RandomSource { split(phase).split("examples") }
}
