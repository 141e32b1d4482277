/// The type of one sample (one channel of one pixel).
public enum SampleType: Sendable, Hashable {
  /// 8 bits, 0…255.
  case uint8
  /// 16 bits in native byte order, 0…65,535.
  case uint16
  /// 32-bit float; 0…1 is black to white, other values are kept.
  case float32

  /// Bytes that one sample takes.
  public var byteCount: Int {
    switch self {
    case .uint8: 1
    case .uint16: 2
    case .float32: 4
    }
  }
}

/// The shape of an image in memory: rows from top to bottom, pixels from left to right, the
/// channels of a pixel side by side (H × W × C), rows without padding between them.
public struct PixelLayout: Sendable, Hashable {
  /// Pixels in a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Samples in a pixel: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
  public var channels: Int
  /// The type of each sample.
  public var sample: SampleType

  public init(width: Int, height: Int, channels: Int, sample: SampleType = .uint8) {
    self.width = width
    self.height = height
    self.channels = channels
    self.sample = sample
  }

  /// Whether there can be such an image: of 1 to 4 channels, and with a pixel.
  package var isValid: Bool { (1...4).contains(channels) && width > 0 && height > 0 }

  /// - Throws: ``ImageError/invalidRequest(_:)`` where there can be no such image.
  package func check() throws(ImageError) {
    guard isValid else {
      throw .invalidRequest(
        "an image of \(width) × \(height) pixels and \(channels) channels cannot be used; give 1 to 4 "
          + "channels and at least a pixel")
    }
  }

  /// Whether the last channel is alpha (not premultiplied).
  public var hasAlpha: Bool { channels == 2 || channels == 4 }
  /// The channels without alpha: 1 or 3.
  public var colorChannels: Int { hasAlpha ? channels - 1 : channels }
  /// Samples in a row.
  public var samplesPerRow: Int { width.multipliedSaturating(by: channels) }
  /// Bytes in a row; `Int.max` when they are more than that.
  public var bytesPerRow: Int { samplesPerRow.multipliedSaturating(by: sample.byteCount) }
  /// Bytes in the whole image; `Int.max` when they are more than that.
  public var byteCount: Int { bytesPerRow.multipliedSaturating(by: height) }
}

// Sizes from a file's header may be anything; what is beyond counting compares as too large.
extension Int {
  /// The product with a number of things, at most `Int.max`.
  func multipliedSaturating(by other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }

  /// The sum with a number of things, at most `Int.max`.
  func addingSaturating(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
