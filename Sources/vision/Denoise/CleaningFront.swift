import Files
import Images
import Inference
import Restoration

/// Images through a network that removes noise or what JPEG's compression left.
final class CleaningFront: ImageFront {
  /// What is removed, and how its strength is known.
  enum Choice: Sendable {
    case noise(sigma: Double)
    case estimatedNoise(NoiseEstimator)
    /// Nil for the quality that files say.
    case compression(quality: Int?)

    var kind: Flaw.Kind {
      switch self {
      case .noise, .estimatedNoise: .noise
      case .compression: .compression
      }
    }
  }

  private let choice: Choice
  private let cleaners: CleanersByColors
  /// The same in fp32, for images of more than 8 bits.
  private let exact: CleanersByColors
  private let strength: Double
  private let progress: TileProgress

  init(
    _ choice: Choice, _ cleaners: CleanersByColors, exact: CleanersByColors, strength: Double,
    progress: TileProgress
  ) {
    self.choice = choice
    self.cleaners = cleaners
    self.exact = exact
    self.strength = strength
    self.progress = progress
  }

  var verb: String {
    switch choice.kind {
    case .noise: "denoised"
    case .compression: "deblocked"
    }
  }

  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource {
    let cleaners = decoded.layout.sample == .uint8 ? cleaners : exact
    guard let cleaner = cleaners.cleaner(colors: decoded.layout.colorChannels) else {
      throw ImageError.invalidRequest("is in color, which a denoiser for gray images cannot take")
    }
    let (source, flaw) = try flaw(of: decoded, reader, limits)
    if flaw == .noise(sigma: 0) || strength == 0 { return source }
    switch flaw {
    case .noise(let sigma): progress.announce("noise of σ \(fixed(sigma, decimals: 1))")
    case .compression(let quality): progress.announce("JPEG of quality \(quality)")
    }
    return try cleaner.source(over: source, of: flaw, strength: strength, threads: threads) {
      [progress] done, total throws(InferenceError) in try progress.show(done: done, of: total)
    }
  }

  /// The flaw, and the rows of the image, which may have been looked at for it.
  private func flaw(
    of decoded: any RowSource, _ reader: ImageReader, _ limits: Limits
  ) throws(ImageError) -> (any RowSource, Flaw) {
    switch choice {
    case .noise(let sigma): return (decoded, .noise(sigma: sigma))
    case .estimatedNoise(let estimator):
      try limits.checkMemory(decoded.layout.byteCount, for: "an image of this size in memory")
      let image = try Image(reading: decoded)
      let sigma: Double
      do { sigma = try estimator.sigma(of: image) } catch { throw .invalidRequest("\(error)") }
      return (ImageRows(image), .noise(sigma: min(sigma, Flaw.sigmas.upperBound)))
    case .compression(let given):
      guard let quality = given ?? reader.info.jpeg?.quality else {
        throw .invalidRequest(
          "is no JPEG, so nothing says how it was compressed; give --jpeg-quality")
      }
      return (decoded, .compression(quality: quality))
    }
  }

  func finish() { progress.clear() }
}
