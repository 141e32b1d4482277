import Files
import Images
import Restoration

/// Images through a denoiser.
final class DenoiseFront: ImageFront {
  let verb = "denoised"
  private let denoisers: ByColors<Denoiser>
  /// The same in fp32, for images of more than 8 bits.
  private let exact: ByColors<Denoiser>
  private let sigma: SigmaChoice
  private let strength: Double
  private let progress: TileProgress

  init(
    _ denoisers: ByColors<Denoiser>, exact: ByColors<Denoiser>, sigma: SigmaChoice,
    strength: Double, progress: TileProgress
  ) {
    self.denoisers = denoisers
    self.exact = exact
    self.sigma = sigma
    self.strength = strength
    self.progress = progress
  }

  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource {
    let denoiser = try (decoded.layout.sample == .uint8 ? denoisers : exact)
      .restorer(for: decoded.layout)
    var source = decoded
    let level: Double
    switch sigma {
    case .level(let given): level = given
    case .auto:
      // The whole image is looked at before the first tile.
      try limits.checkMemory(decoded.layout.byteCount, for: "an image of this size in memory")
      let image = try Image(reading: decoded)
      level = min(NoiseEstimator.sigma(of: image), Denoiser.sigmas.upperBound)
      source = ImageRows(image)
    }
    if level == 0 || strength == 0 { return source }
    progress.announce("noise of σ \(fixed(level, decimals: 1))")
    return try denoiser.source(
      over: source, sigma: level, strength: strength, threads: threads
    ) { [progress] in progress.show(done: $0, of: $1) }
  }

  func finish() { progress.clear() }
}

extension ByColors {
  /// The one for an image.
  func restorer(for layout: PixelLayout) throws(ImageError) -> Restorer {
    guard let restorer = restorer(colors: layout.colorChannels) else {
      throw .invalidRequest("is in color, which a denoiser for gray images cannot take")
    }
    return restorer
  }
}
