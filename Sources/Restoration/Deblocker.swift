import Engine
import Images
import Inference

/// A trained network that removes what JPEG's compression left in gray or color images of any size, by rows.
public struct Deblocker: Sendable {
  /// 1 gray, 3 RGB.
  public let colors: Int
  public let name: String
  public let network: TiledNetwork

  /// Qualities that there are, those of libjpeg.
  public static let qualities = 1...100

  /// Reads a model file that ``RestorationTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    name = model.card.name
    (network, colors) = try model.keepingSize(.deblocking, options: options)
  }

  /// The rows of an image as it may have been before it was compressed.
  ///
  /// - Parameters:
  ///   - upstream: the image, of as many colors as the network's, or gray; nobody else may read it from now
  ///     on. Alpha stays as it is.
  ///   - quality: that of the JPEG.
  ///   - strength: how much of what the network changes is taken: 0 nothing, 1 all.
  ///   - threads: how many tiles are computed at a time. The result does not depend on it.
  ///   - progress: is told of the tiles that are done, and of how many there are.
  public func source(
    over upstream: any RowSource, quality: Int, strength: Double = 1, threads: Int = 1,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws(ImageError) -> TiledSource {
    try TiledSource(
      LevelFilter(
        colors: colors, level: Cleanness.ofJPEG(quality: quality), strength: Float(strength),
        source: upstream.layout),
      through: network, over: upstream, threads: threads, progress: progress)
  }

  /// The image as it may have been before it was compressed.
  public func deblocked(
    _ image: Image, quality: Int, strength: Double = 1, threads: Int = 1
  ) throws(ImageError) -> Image {
    try Image(
      reading: source(
        over: ImageRows(image), quality: quality, strength: strength, threads: threads))
  }
}
