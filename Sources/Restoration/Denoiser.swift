import Engine
import Images
import Inference

/// A trained denoiser of gray or color images of any size, by rows.
public struct Denoiser: Sendable {
  /// 1 gray, 3 RGB.
  public let colors: Int
  public let name: String
  public let network: TiledNetwork

  /// Levels of 255 that a denoiser knows.
  public static let sigmas = 0.0...Double(DenoisingPatches.largestSigma)

  /// Reads a model file that ``RestorationTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    name = model.card.name
    (network, colors) = try model.keepingSize(.denoising, options: options)
  }

  /// The rows of an image without its noise.
  ///
  /// - Parameters:
  ///   - upstream: the image, of as many colors as the denoiser's, or gray; nobody else may read it from now
  ///     on. Alpha stays as it is.
  ///   - sigma: the standard deviation of the noise in levels of 255, 0…75.
  ///   - strength: how much of it is removed: 0 nothing, 1 all.
  ///   - threads: how many tiles are computed at a time. The result does not depend on it.
  ///   - progress: is told of the tiles that are done, and of how many there are.
  public func source(
    over upstream: any RowSource, sigma: Double, strength: Double = 1, threads: Int = 1,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws(ImageError) -> TiledSource {
    try TiledSource(
      LevelFilter(
        colors: colors, level: Float(sigma) / 255, strength: Float(strength),
        source: upstream.layout),
      through: network, over: upstream, threads: threads, progress: progress)
  }

  /// The image without its noise.
  public func denoised(
    _ image: Image, sigma: Double, strength: Double = 1, threads: Int = 1
  ) throws(ImageError) -> Image {
    try Image(
      reading: source(
        over: ImageRows(image), sigma: sigma, strength: strength, threads: threads))
  }
}
