/// What an image file says beside its pixels; carried from input to output where the format can.
public struct Metadata: Sendable, Equatable {
  /// The ICC profile, as stored.
  public var colorProfile: [UInt8]?
  /// The EXIF block (a TIFF structure, without the `Exif\0\0` prefix); its orientation is reset to 1
  /// when the pixels are turned upright.
  public var exif: [UInt8]?
  /// Pixels a metre, horizontally and vertically.
  public var resolution: Resolution?
  /// PNG's gAMA: the encoding gamma in units of 1/100,000. Carried from PNG to PNG, never applied.
  public var gamma: UInt32?
  /// PNG's cICP: primaries, transfer function, matrix and range (ITU-T H.273), four bytes. Carried from
  /// PNG to PNG, never applied.
  public var codePoints: [UInt8]?

  public init(
    colorProfile: [UInt8]? = nil, exif: [UInt8]? = nil, resolution: Resolution? = nil,
    gamma: UInt32? = nil, codePoints: [UInt8]? = nil
  ) {
    self.colorProfile = colorProfile
    self.exif = exif
    self.resolution = resolution
    self.gamma = gamma
    self.codePoints = codePoints
  }
}

/// How many pixels lie on a metre.
public struct Resolution: Sendable, Equatable {
  public var horizontal: Double
  public var vertical: Double

  public init(horizontal: Double, vertical: Double) {
    self.horizontal = horizontal
    self.vertical = vertical
  }
}
