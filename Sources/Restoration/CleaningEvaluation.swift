import Images
import Tensors

/// How well a network removes a flaw that is added to images: PSNR over all samples of results that are rounded to
/// 8 bits. Noise is white and Gaussian, clipped to 0…255 and rounded; the chroma of JPEGs has half the resolution.
public struct CleaningEvaluation: Sendable {
  /// One image.
  public struct Result: Sendable {
    public var name: String
    /// dB of the cleaned image.
    public var psnr: Double
    /// dB of the image with the flaw.
    public var flawed: Double
    /// The level of the noise that is estimated, of 255.
    public var estimate: Double?
  }

  public let flaw: Flaw
  public private(set) var results: [Result] = []

  public init(of flaw: Flaw) { self.flaw = flaw }

  /// The mean over the images, in dB.
  public var psnr: Double { mean(\.psnr) }
  /// The same of the images with the flaw.
  public var flawed: Double { mean(\.flawed) }

  private func mean(_ value: (Result) -> Double) -> Double {
    results.isEmpty ? .nan : results.map(value).reduce(0, +) / Double(results.count)
  }

  /// Measures on one image, of one color where the image is gray or the network takes gray alone.
  ///
  /// - Parameters:
  ///   - estimator: estimates the level of noise.
  ///   - tellsEstimate: whether the network is told the estimated level rather than the true one.
  ///   - threads: how many tiles are computed at a time.
  public mutating func add(
    _ name: String, _ image: Image, estimator: NoiseEstimator? = nil, tellsEstimate: Bool = false,
    by cleaner: Cleaner, threads: Int = 1
  ) throws(ImageError) {
    let clean = image.flattened(channels: min(image.layout.colorChannels, cleaner.colors))
    let flawed = try clean.with(flaw, seed: UInt64(results.count))
    var (told, estimate) = (flaw, nil as Double?)
    if case .noise = flaw, let estimator {
      let estimated: Double
      do { estimated = try estimator.sigma(of: flawed) } catch { throw .invalidRequest("\(error)") }
      estimate = estimated
      if tellsEstimate { told = .noise(sigma: min(estimated, Flaw.sigmas.upperBound)) }
    }
    let result =
      told == .noise(sigma: 0)
      ? flawed : try cleaner.cleaned(flawed, of: told, threads: threads)
    results.append(
      Result(
        name: name, psnr: PSNR.ofSamples(result, clean), flawed: PSNR.ofSamples(flawed, clean),
        estimate: estimate))
  }
}

extension CleaningEvaluation: Encodable {
  private enum CodingKeys: CodingKey {
    case sigma, quality, name, psnr, noisy, compressed, estimate, results
  }

  /// The flaw, means and images; the PSNR of what is not cleaned is called after the flaw.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let flawedKey: CodingKeys
    switch flaw {
    case .noise(let sigma):
      try container.encode(sigma, forKey: .sigma)
      flawedKey = .noisy
    case .compression(let quality):
      try container.encode(quality, forKey: .quality)
      flawedKey = .compressed
    }
    try container.encode(psnr, forKey: .psnr)
    try container.encode(flawed, forKey: flawedKey)
    var images = container.nestedUnkeyedContainer(forKey: .results)
    for result in results {
      var image = images.nestedContainer(keyedBy: CodingKeys.self)
      try image.encode(result.name, forKey: .name)
      try image.encode(result.psnr, forKey: .psnr)
      try image.encode(result.flawed, forKey: flawedKey)
      try image.encodeIfPresent(result.estimate, forKey: .estimate)
    }
  }
}

extension Image {
  /// The image with a flaw, in 8 bits.
  ///
  /// - Precondition: it has 8 bits.
  func with(_ flaw: Flaw, seed: UInt64) throws(ImageError) -> Image {
    precondition(layout.sample == .uint8)
    switch flaw {
    case .compression(let quality): return try throughJPEG(quality: quality)
    case .noise(let sigma):
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
}
