/// How large an image may be: checked against the header before anything is allocated, so that a file
/// of a few bytes cannot ask for all the memory there is.
public struct Limits: Sendable, Equatable {
  /// The most pixels (width × height) that an image may have.
  public var maximumPixels: Int
  /// The most memory, in bytes, that reading one image may take: a whole image, the coefficients of a
  /// progressive JPEG, or the strips of a streamed one.
  public var maximumBytes: Int

  /// 100 million pixels and 512 MiB.
  public static let standard = Limits(maximumPixels: 100_000_000, maximumBytes: 512 << 20)

  public init(maximumPixels: Int, maximumBytes: Int) {
    self.maximumPixels = maximumPixels
    self.maximumBytes = maximumBytes
  }

  /// Refuses an image of too many pixels.
  package func checkSize(width: Int, height: Int) throws(ImageError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    if overflow || pixels > maximumPixels {
      throw .tooLarge(
        "\(width) × \(height) pixels are more than the limit of \(maximumPixels) pixels; "
          + "raise it with --max-pixels")
    }
  }

  /// Refuses to take more memory than allowed for what `purpose` names; `Int.max` bytes, which stand
  /// for more than can be counted, are refused always.
  package func checkMemory(_ bytes: Int, for purpose: String) throws(ImageError) {
    if bytes > maximumBytes || bytes == .max {
      throw .tooLarge(
        "\(purpose) takes \(Self.mebibytes(bytes)), more than the limit of "
          + "\(Self.mebibytes(maximumBytes)); raise it with --max-memory")
    }
  }

  private static func mebibytes(_ bytes: Int) -> String { "\(max(1, bytes >> 20)) MiB" }
}
