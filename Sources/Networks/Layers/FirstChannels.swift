import Graphs
import Tensors

/// The first channels of an image: what is left of an input that also carries planes of settings, such as
/// a denoiser's noise level.
///
/// Shapes: N × C × H × W → N × count × H × W.
public struct FirstChannels: Layer {
  public static let defaultName = "first"

  /// How many channels are kept.
  public var count: Int

  /// `FirstChannels(3)` keeps red, green and blue.
  public init(_ count: Int) {
    self.count = count
  }

  public var description: String { "FirstChannels(\(count))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    guard (1...input.shape[1]).contains(count) else {
      throw context.mismatch(expected: "at least \(count) channels", received: input)
    }
    let shape = input.shape
    return try context.apply(
      Slice(starts: [0, 0, 0, 0], ends: [shape[0], count, shape[2], shape[3]]), input)
  }
}
