import Images

/// How well a network removes what JPEG's compression left: PSNR over all samples of results that are rounded
/// to 8 bits.
public struct DeblockingEvaluation: Sendable, Encodable {
  /// One image.
  public struct Result: Sendable, Encodable {
    public var name: String
    /// dB of the result.
    public var psnr: Double
    /// dB of the compressed image.
    public var compressed: Double
  }

  /// That of the JPEGs, whose chroma has half the resolution.
  public let quality: Int
  public private(set) var results: [Result] = []

  public init(quality: Int) { self.quality = quality }

  /// The mean over the images, in dB.
  public var psnr: Double { mean(\.psnr) }
  /// The same of the compressed images.
  public var compressed: Double { mean(\.compressed) }

  private func mean(_ value: (Result) -> Double) -> Double {
    results.isEmpty ? .nan : results.map(value).reduce(0, +) / Double(results.count)
  }

  private enum CodingKeys: CodingKey { case quality, psnr, compressed, results }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(quality, forKey: .quality)
    try container.encode(psnr, forKey: .psnr)
    try container.encode(compressed, forKey: .compressed)
    try container.encode(results, forKey: .results)
  }

  /// Measures on one image.
  ///
  /// - Parameter threads: how many tiles are computed at a time.
  public mutating func add(
    _ name: String, _ image: Image, by deblocker: Deblocker, threads: Int = 1
  ) throws(ImageError) {
    let clean = image.flattened(channels: deblocker.colors)
    let compressed = try clean.throughJPEG(quality: quality)
    let result = try deblocker.deblocked(compressed, quality: quality, threads: threads)
    results.append(
      Result(
        name: name, psnr: PSNR.ofSamples(result, clean),
        compressed: PSNR.ofSamples(compressed, clean)))
  }
}
