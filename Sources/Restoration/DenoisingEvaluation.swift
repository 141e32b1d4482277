import Images
import Tensors

/// How well a denoiser removes white Gaussian noise that is added to images, clipped to 0…255 and rounded:
/// PSNR over all samples of results that are rounded to 8 bits.
public struct DenoisingEvaluation: Sendable, Encodable {
  /// One image.
  public struct Result: Sendable, Encodable {
    public var name: String
    /// dB of the denoised image.
    public var psnr: Double
    /// dB of the noisy image.
    public var noisy: Double
    /// The level that is estimated, of 255.
    public var estimate: Double
  }

  /// The standard deviation of the noise, of 255.
  public let sigma: Double
  public private(set) var results: [Result] = []

  public init(sigma: Double) { self.sigma = sigma }

  /// The mean over the images, in dB.
  public var psnr: Double { mean(\.psnr) }
  /// The same of the noisy images.
  public var noisy: Double { mean(\.noisy) }

  private func mean(_ value: (Result) -> Double) -> Double {
    results.isEmpty ? .nan : results.map(value).reduce(0, +) / Double(results.count)
  }

  private enum CodingKeys: CodingKey { case sigma, psnr, noisy, results }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sigma, forKey: .sigma)
    try container.encode(psnr, forKey: .psnr)
    try container.encode(noisy, forKey: .noisy)
    try container.encode(results, forKey: .results)
  }

  /// Measures on one image.
  ///
  /// - Parameters:
  ///   - estimates: whether the denoiser is told the estimated level rather than the true one.
  ///   - threads: how many tiles are computed at a time.
  public mutating func add(
    _ name: String, _ image: Image, estimates: Bool = false, by denoiser: Denoiser,
    threads: Int = 1
  ) throws(ImageError) {
    let clean = image.flattened(channels: denoiser.colors)
    let noisy = clean.withNoise(sigma, seed: UInt64(results.count))
    let estimate = NoiseEstimator.sigma(of: noisy)
    let told = min(estimates ? estimate : sigma, Denoiser.sigmas.upperBound)
    let result = told == 0 ? noisy : try denoiser.denoised(noisy, sigma: told, threads: threads)
    results.append(
      Result(
        name: name, psnr: PSNR.ofSamples(result, clean), noisy: PSNR.ofSamples(noisy, clean),
        estimate: estimate))
  }
}

extension Image {
  /// The image with white Gaussian noise, clipped and rounded.
  ///
  /// - Precondition: it has 8 bits.
  func withNoise(_ sigma: Double, seed: UInt64) -> Image {
    precondition(layout.sample == .uint8)
    var random = RandomSource(seed: seed).split("noise")
    var copy = self
    copy.withUnsafeMutableBytes { bytes in
      for place in bytes.indices {
        let value = (Float(bytes[place]) + Float(sigma) * random.normal()).rounded()
        bytes[place] = UInt8(min(max(value, 0), 255))
      }
    }
    return copy
  }
}
