import Engine
import Images
import Inference

/// A trained network that removes noise, or what JPEG's compression left, from gray or color images of any size, by
/// rows.
public struct Cleaner: Sendable {
  /// 1 gray, 3 RGB.
  public let colors: Int
  public let name: String
  public let network: TiledNetwork

  /// Reads a model file that ``RestorationTask`` wrote.
  ///
  /// - Parameter flaw: what is to be removed.
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(
    path: String, of flaw: Flaw.Kind, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(restoring: flaw.restoration)
    name = model.card.name
    network = try model.tiled(
      scale: 1, reach: model.number(RestorationTask.reachKey, in: 0...256), stride: 4,
      options: options)
    colors = network.outputChannels
    guard [1, 3].contains(colors), network.inputChannels == colors + 1 else {
      throw .file(path: path, problem: "takes or makes other channels than a denoiser")
    }
  }

  /// The rows of an image without a flaw.
  ///
  /// - Parameters:
  ///   - upstream: the image, of as many colors as the network's, or gray; nobody else may read it from now
  ///     on. Alpha stays as it is.
  ///   - flaw: of the kind that the network removes.
  ///   - strength: how much of what the network changes is taken: 0 nothing, 1 all.
  ///   - threads: how many tiles are computed at a time. The result does not depend on it.
  ///   - progress: is told of the tiles that are done, and of how many there are; see ``TiledSource``.
  public func source(
    over upstream: any RowSource, of flaw: Flaw, strength: Double = 1, threads: Int = 1,
    progress: @escaping @Sendable (Int, Int) throws(InferenceError) -> Void = { _, _ in }
  ) throws(ImageError) -> TiledSource {
    try TiledSource(
      LevelFilter(
        colors: colors, level: flaw.level, strength: Float(strength), source: upstream.layout),
      through: network, over: upstream, threads: threads, progress: progress)
  }

  /// The image without the flaw.
  public func cleaned(
    _ image: Image, of flaw: Flaw, strength: Double = 1, threads: Int = 1
  ) throws(ImageError) -> Image {
    try Image(
      reading: source(over: ImageRows(image), of: flaw, strength: strength, threads: threads))
  }
}
