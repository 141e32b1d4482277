import Graphs
import Tensors

/// A shortcut without parameters (He et al. 2015, §4.2, option A): every `stride`-th pixel, and
/// channels of zeros so that there are `channels`, half of the new ones before, half behind.
///
/// Shapes: N × C × H × W → N × channels × ⌈H / stride⌉ × ⌈W / stride⌉.
public struct ZeroPaddedShortcut: Layer {
  public static let defaultName = "subsample"

  /// How many channels come out.
  public var channels: Int
  /// Every how many-th pixel is kept, down and right.
  public var stride: Int

  /// Keeps every `stride`-th pixel and fills up to `channels`.
  public init(_ channels: Int, stride: Int) {
    self.channels = channels
    self.stride = stride
  }

  public var description: String { "ZeroPaddedShortcut(\(channels))" }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try context.requireImage(input)
    try context.require(stride, "stride", in: Limit.window)
    try context.require(channels, "channels", in: Limit.count)
    let shape = input.shape
    guard channels >= shape[1] else {
      throw context.mismatch(expected: "at most \(channels) channels", received: input)
    }
    let sampled = try context.apply(
      Slice(starts: [0, 0, 0, 0], ends: shape.dimensions, steps: [1, 1, stride, stride]), input)
    let before = (channels - shape[1]) / 2
    let after = channels - shape[1] - before
    return try context.apply(
      Pad(before: [0, before, 0, 0], after: [0, after, 0, 0], mode: .constant(0)), sampled)
  }
}
