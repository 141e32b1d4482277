import Glibc
import Images

/// How well an upscaler brings back images that were made small, as the literature of super-resolution
/// measures it: PSNR of BT.601's luma of range [16, 235], `scale` pixels cut from each edge, of results that
/// are rounded to 8 bits.
public struct UpscalingEvaluation: Sendable, Encodable {
  /// One image.
  public struct Result: Sendable, Encodable {
    public var name: String
    /// dB.
    public var psnr: Double
    /// dB of the small image enlarged by bicubic interpolation.
    public var bicubic: Double
    /// The distance of features between the result and the image; nil where none are compared.
    public var distance: Double?
  }

  public private(set) var results: [Result] = []

  private let features: FeatureDistance?

  /// - Parameter features: what else results are compared by.
  public init(features: FeatureDistance? = nil) {
    self.features = features
  }

  /// The mean over the images, in dB.
  public var psnr: Double { mean(\.psnr) }
  /// The same of bicubic interpolation.
  public var bicubic: Double { mean(\.bicubic) }
  /// The mean distance of features.
  public var distance: Double? {
    features == nil ? nil : mean { $0.distance ?? .nan }
  }

  private func mean(_ value: (Result) -> Double) -> Double {
    results.isEmpty ? .nan : results.map(value).reduce(0, +) / Double(results.count)
  }

  private enum CodingKeys: CodingKey { case psnr, bicubic, distance, results }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(psnr, forKey: .psnr)
    try container.encode(bicubic, forKey: .bicubic)
    try container.encodeIfPresent(distance, forKey: .distance)
    try container.encode(results, forKey: .results)
  }

  /// Measures on one image.
  ///
  /// - Parameters:
  ///   - image: as it should be.
  ///   - small: the same made small; nil to make it so by antialiased bicubic resampling.
  ///   - jpeg: a quality that the small image is compressed with first, with 4:2:0.
  ///   - told: the quality that the upscaler is told; nil tells it that the image is clean.
  /// - Throws: where the images do not belong together.
  public mutating func add(
    _ name: String, _ image: Image, small: Image? = nil, jpeg: Int? = nil, told: Int? = nil,
    by upscaler: Upscaler, threads: Int = 1
  ) throws(ImageError) {
    let scale = upscaler.scale
    let large = image.flattened(channels: 3)
    let (width, height) = (large.width / scale, large.height / scale)
    guard min(width, height) >= 4 else {
      throw .invalidRequest("is too small to be measured on")
    }
    let whole = try large.cropped(x: 0, y: 0, width: scale * width, height: scale * height)
    var input: Image
    if let small {
      input = small.flattened(channels: 3)
    } else {
      input = try whole.resized(width: width, height: height, .cubic)
    }
    guard input.width == width, input.height == height else {
      throw .invalidRequest(
        "its small image is \(input.width) × \(input.height) pixels, not \(width) × \(height)")
    }
    if let jpeg { input = try input.throughJPEG(quality: jpeg) }
    let result = try upscaler.upscaled(input, quality: told, threads: threads)
    let bicubic = try input.resized(width: whole.width, height: whole.height, .cubic)
    var distance: Double?
    if let features {
      do { distance = try features.distance(result, whole) } catch {
        throw .invalidRequest("\(error)")
      }
    }
    results.append(
      Result(
        name: name, psnr: Self.psnr(result, whole, cut: scale),
        bicubic: Self.psnr(bicubic, whole, cut: scale), distance: distance))
  }

  /// The PSNR of luma, in dB.
  ///
  /// - Precondition: both are 8-bit RGB of one size.
  package static func psnr(_ image: Image, _ original: Image, cut: Int) -> Double {
    precondition(image.layout == original.layout && image.layout.channels == 3)
    var sum = 0.0
    let (width, height) = (image.width, image.height)
    image.withUnsafeBytes { a in
      original.withUnsafeBytes { b in
        for y in cut..<height - cut {
          for x in cut..<width - cut {
            let place = 3 * (y * width + x)
            // ITU-R BT.601 as MATLAB's `rgb2ycbcr` has it: 16 + (65.481 R + 128.553 G + 24.966 B) / 255.
            let difference =
              65.481 * (Double(a[place]) - Double(b[place]))
              + 128.553 * (Double(a[place + 1]) - Double(b[place + 1]))
              + 24.966 * (Double(a[place + 2]) - Double(b[place + 2]))
            sum += difference * difference
          }
        }
      }
    }
    let count = Double((width - 2 * cut) * (height - 2 * cut))
    return PSNR.decibels(meanSquaredError: sum / count / (255 * 255 * 255 * 255))
  }
}
