/// What an image file says beside its pixels. What of it goes into another file says ``MetadataPolicy``.
public struct Metadata: Sendable, Equatable {
  /// The ICC profile, as stored.
  public var colorProfile: [UInt8]?
  /// PNG's description of colors. Carried from PNG to PNG, never applied.
  public var colorDescription: ColorDescription
  /// The EXIF block (a TIFF structure, without the `Exif\0\0` prefix); its orientation is reset to 1
  /// when the pixels are turned upright.
  public var exif: [UInt8]?
  /// The XMP packet, as stored.
  public var xmp: [UInt8]?
  /// Texts: those of PNG, comments of JPEG and GIF.
  public var texts: [TextEntry]
  /// Pixels a meter, horizontally and vertically.
  public var resolution: Resolution?
  /// The shape of a pixel, where that alone is known and no resolution.
  public var pixelAspect: PixelAspect?

  public init(
    colorProfile: [UInt8]? = nil, colorDescription: ColorDescription = ColorDescription(),
    exif: [UInt8]? = nil, xmp: [UInt8]? = nil, texts: [TextEntry] = [],
    resolution: Resolution? = nil, pixelAspect: PixelAspect? = nil
  ) {
    self.colorProfile = colorProfile
    self.colorDescription = colorDescription
    self.exif = exif
    self.xmp = xmp
    self.texts = texts
    self.resolution = resolution
    self.pixelAspect = pixelAspect
  }
}

/// How PNG's chunks describe the samples (PNG Specification, third edition, 11.3.2). They belong together: one without
/// the others may say something else.
public struct ColorDescription: Sendable, Equatable {
  /// gAMA: the encoding gamma in units of 1/100,000.
  public var gamma: UInt32?
  /// cHRM: x and y of white, red, green and blue in units of 1/100,000.
  public var chromaticities: [UInt32]?
  /// sRGB: the samples are sRGB; the rendering intent, 0…3.
  public var renderingIntent: UInt8?
  /// cICP: primaries, transfer function, matrix and range (ITU-T H.273), four bytes.
  public var cicp: [UInt8]?

  public init(
    gamma: UInt32? = nil, chromaticities: [UInt32]? = nil, renderingIntent: UInt8? = nil,
    cicp: [UInt8]? = nil
  ) {
    self.gamma = gamma
    self.chromaticities = chromaticities
    self.renderingIntent = renderingIntent
    self.cicp = cicp
  }

  /// The chunks that there are.
  var names: [String] {
    [
      cicp.map { _ in "cICP" }, renderingIntent.map { _ in "sRGB" }, gamma.map { _ in "gAMA" },
      chromaticities.map { _ in "cHRM" },
    ].compactMap { $0 }
  }

  /// Whether it says what a file without description is taken for.
  var isPlainSRGB: Bool {
    cicp.map { $0 == [1, 13, 0, 1] } ?? (renderingIntent != nil || names.isEmpty)
  }
}

/// A text with a name: `Copyright`, `Comment`.
public struct TextEntry: Sendable, Equatable {
  public var keyword: String
  public var text: String

  public init(keyword: String, text: String) {
    self.keyword = keyword
    self.text = text
  }
}

/// How many pixels lie on a meter.
public struct Resolution: Sendable, Equatable {
  public var horizontal: Double
  public var vertical: Double

  public init(horizontal: Double, vertical: Double) {
    self.horizontal = horizontal
    self.vertical = vertical
  }
}

/// As many pixels across are as long as so many down: PNG's pHYs without a unit, JPEG's density without one.
public struct PixelAspect: Sendable, Equatable {
  public var horizontal: UInt32
  public var vertical: UInt32

  public init(horizontal: UInt32, vertical: UInt32) {
    self.horizontal = horizontal
    self.vertical = vertical
  }
}
