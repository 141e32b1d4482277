/// What an image file's header says, for people to look at.
public struct ImageInfo: Sendable, Equatable {
  public var format: ImageFormat
  /// Pixels across and down as stored, before orientation is applied.
  public var width: Int
  public var height: Int
  /// How color is stored: `gray`, `gray and alpha`, `RGB`, `RGBA`, `palette`, `YCbCr`, `CMYK`, `YCCK`.
  public var colorModel: String
  /// Channels that reading gives: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
  public var channels: Int
  /// Bits of a sample (of a palette's index) in the file.
  public var bitDepth: Int
  /// Interlaced PNG or progressive JPEG.
  public var isInterlaced: Bool
  public var orientation: Orientation
  /// Bytes of the ICC profile, nil without one.
  public var profileSize: Int?
  /// The profile's own description, where it has one.
  public var profileName: String?
  public var hasEXIF: Bool
  public var resolution: Resolution?

  /// Width and height in metres, where the file gives a resolution.
  public var physicalSize: (width: Double, height: Double)? {
    resolution.map { (Double(width) / $0.horizontal, Double(height) / $0.vertical) }
  }

  /// Images in the file: frames of an animation, pages. The first is read.
  public var imageCount: Int
  /// How a JPEG was compressed.
  public var jpeg: JPEGEncoding?
  /// Whether the file holds an XMP packet.
  public var hasXMP: Bool
  /// Red, green and blue of each entry of a PNG's palette; nil without one.
  public var palette: [UInt8]?
  /// Whether the samples come back as they were before the file was written, which a lossy format does not give.
  public var isLossless: Bool

  init(_ header: PNGHeader, orientation: Orientation) {
    let model =
      switch header.colorType {
      case .gray: "gray"
      case .rgb: "RGB"
      case .palette: "palette"
      case .grayAlpha: "gray and alpha"
      case .rgba: "RGBA"
      }
    self.init(
      FileDescription(
        format: .png, colorModel: model, bitDepth: header.bitDepth,
        isInterlaced: header.interlaced, imageCount: max(1, header.frameCount ?? 1)),
      layout: header.layout, header.metadata, orientation)
    profileName = profileName ?? header.profileName
    palette = header.colorType == .palette ? header.palette : nil
  }

  init(_ file: some WholeFile) {
    self.init(file.description, layout: file.layout, file.metadata, file.orientation)
  }

  init(
    _ description: FileDescription, layout: PixelLayout, _ metadata: Metadata,
    _ orientation: Orientation
  ) {
    format = description.format
    width = layout.width
    height = layout.height
    colorModel = description.colorModel
    channels = layout.channels
    bitDepth = description.bitDepth
    isInterlaced = description.isInterlaced
    self.orientation = orientation
    profileSize = metadata.colorProfile?.count
    profileName = metadata.colorProfile.flatMap(describeProfile)
    hasEXIF = metadata.exif != nil
    resolution = metadata.resolution
    imageCount = description.imageCount
    hasXMP = metadata.xmp != nil
    isLossless = description.isLossless
  }
}

/// The `desc` tag of an ICC profile: ASCII in version 2, the first UTF-16 text in version 4 (ICC.1:2022,
/// sections 7.3 and 10.15).
func describeProfile(_ profile: [UInt8]) -> String? {
  func number(_ place: Int) -> Int? {
    place >= 0 && place + 4 <= profile.count ? Int(bigEndian32(profile, at: place)) : nil
  }
  func text(_ place: Int) -> String? {
    place + 4 <= profile.count ? String(decoding: profile[place..<place + 4], as: UTF8.self) : nil
  }
  guard let count = number(128) else { return nil }
  for tag in 0..<min(count, 100) where text(132 + 12 * tag) == "desc" {
    guard let start = number(136 + 12 * tag), let kind = text(start) else { return nil }
    var result: String
    if kind == "desc", let length = number(start + 8), length > 0,
      start + 12 + length <= profile.count
    {
      result = String(decoding: profile[start + 12..<start + 12 + length], as: UTF8.self)
    } else if kind == "mluc", let length = number(start + 20), let offset = number(start + 24),
      start + offset + length <= profile.count
    {
      let units = stride(from: start + offset, to: start + offset + length - 1, by: 2).map {
        UInt16(profile[$0]) << 8 | UInt16(profile[$0 + 1])
      }
      result = String(decoding: units, as: UTF16.self)
    } else {
      return nil
    }
    result = result.filter { !$0.isNewline && $0 != "\0" }
    return result.isEmpty ? nil : result
  }
  return nil
}
