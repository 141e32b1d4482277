/// What of an image's ``Metadata`` goes into the file that is written. All of it is said here:
///
/// - **Carried**: ICC profile, gAMA, cHRM, sRGB and cICP (described, never applied), EXIF, XMP, texts, resolution and the
///   shape of pixels.
/// - **Corrected**: sizes in EXIF and XMP; orientation and resolution where the pixels were turned.
/// - **Left out without a word**: whatever shows the image as it was: EXIF's thumbnail, maker's notes, XMP's
///   thumbnails, further images of an MPO file, JFIF's thumbnail. They are no part of the metadata that readers give.
/// - **Left out with a warning**: what the format cannot hold or what is damaged; the whole description of colors, where
///   the profile is not made for the result's channels; XMP that still holds an image; Photoshop's resources.
/// - **Left out on demand**: the kinds in ``WriteOptions/strip``.
struct MetadataPolicy {
  let format: ImageFormat
  let layout: PixelLayout
  let strip: Set<MetadataKind>
  /// The program that writes, as a text of the keyword `Software`; nil says nothing.
  let software: String?

  /// What is written, and what had to be left out.
  func apply(to metadata: Metadata) -> (metadata: Metadata, warnings: [String]) {
    var result = stripped(metadata)
    var warnings: [String] = []
    fitColors(&result, &warnings)
    fitEXIF(&result, &warnings)
    fitXMP(&result, &warnings)
    fitTexts(&result, &warnings)
    if format == .webp, result.pixelAspect != nil {
      result.pixelAspect = nil
      warnings.append("the shape of pixels left out: \(format.displayName) cannot hold it")
    }
    return (result, warnings)
  }

  private func stripped(_ metadata: Metadata) -> Metadata {
    var result = metadata
    for kind in strip {
      switch kind {
      case .icc:
        result.colorProfile = nil
        result.colorDescription = ColorDescription()
      case .exif: result.exif = nil
      case .gps:
        if var exif = result.exif.flatMap({ EXIF($0) }) {
          exif.removePlace()
          result.exif = exif.bytes
        }
        // Too many names for a place to take them out one by one.
        if result.xmp.map(XMP.namesPlace) == true { result.xmp = nil }
      case .xmp: result.xmp = nil
      case .text: result.texts = []
      case .resolution:
        result.resolution = nil
        result.pixelAspect = nil
      }
    }
    return result
  }

  private func fitColors(_ metadata: inout Metadata, _ warnings: inout [String]) {
    if metadata.colorProfile != nil, metadata.colorProfile(for: layout) == nil {
      let kinds = layout.colorChannels == 1 ? "gray" : "colors"
      let names = ["color profile"] + metadata.colorDescription.names
      warnings.append(
        "\(names.joined(separator: ", ")) left out: the profile is not made for \(kinds)")
      metadata.colorProfile = nil
      metadata.colorDescription = ColorDescription()
    }
    let description = metadata.colorDescription
    if format != .png, !description.names.isEmpty {
      // Beside a profile they say nothing more.
      if !description.isPlainSRGB, metadata.colorProfile == nil {
        let names = description.names.joined(separator: ", ")
        warnings.append("\(names) left out: \(format.displayName) cannot hold them")
      }
      metadata.colorDescription = ColorDescription()
    }
  }

  private func fitEXIF(_ metadata: inout Metadata, _ warnings: inout [String]) {
    guard let stored = metadata.exif else { return }
    guard var exif = EXIF(stored) else {
      metadata.exif = nil
      warnings.append("EXIF left out: it is damaged")
      return
    }
    exif.setSize(width: layout.width, height: layout.height)
    let bytes = exif.bytes
    metadata.exif = bytes
    guard format == .jpeg, stored.count + EXIF.jpegPrefix.count > Self.longestSegment else {
      return
    }
    if bytes.count + EXIF.jpegPrefix.count > Self.longestSegment {
      metadata.exif = nil
      warnings.append("EXIF left out: its \(bytes.count) bytes are too many for JPEG")
    } else {
      warnings.append(
        "EXIF is too large for JPEG; of its \(stored.count) bytes the \(bytes.count) are kept that it names"
      )
    }
  }

  private func fitXMP(_ metadata: inout Metadata, _ warnings: inout [String]) {
    guard let stored = metadata.xmp else { return }
    let isUpright = metadata.exif.flatMap { EXIF($0)?.orientation }.map { $0 == .upright } ?? true
    metadata.xmp = XMP.corrected(
      stored, width: layout.width, height: layout.height, isUpright: isUpright)
    guard let packet = metadata.xmp else {
      warnings.append(
        "XMP left out: it is damaged, or holds an image that would show what was there")
      return
    }
    if format == .jpeg, packet.count + XMP.jpegPrefix.count > Self.longestSegment {
      metadata.xmp = nil
      warnings.append("XMP left out: its \(packet.count) bytes are too many for JPEG")
    }
  }

  private func fitTexts(_ metadata: inout Metadata, _ warnings: inout [String]) {
    if let software, !strip.contains(.text) {
      metadata.texts.removeAll { $0.keyword == TextEntry.software }
      metadata.texts.append(TextEntry(keyword: TextEntry.software, text: software))
    }
    let others = metadata.texts.filter { $0.keyword != TextEntry.software }
    switch format {
    case .webp where !others.isEmpty:
      metadata.texts.removeAll { $0.keyword != TextEntry.software }
      let names = others.map(\.keyword).joined(separator: ", ")
      warnings.append("texts left out: WebP cannot hold them (\(names))")
    case .jpeg:
      let long = metadata.texts.filter { $0.comment.count > Self.longestSegment }
      metadata.texts.removeAll { $0.comment.count > Self.longestSegment }
      for text in long { warnings.append("\(text.keyword) left out: too long for JPEG") }
    default: break
    }
  }

  /// What a segment of a JPEG holds beside its length.
  static let longestSegment = 65_533
}

/// A kind of metadata that ``WriteOptions/strip`` leaves out.
public enum MetadataKind: String, Sendable, Hashable, CaseIterable {
  /// The ICC profile and PNG's description of colors.
  case icc
  case exif
  /// The place where a photo was taken, in EXIF and XMP.
  case gps
  case xmp
  /// Texts and comments, also that which names the program.
  case text
  case resolution
}

extension TextEntry {
  /// The keyword of what names the program that wrote a file.
  static let software = "Software"
  /// The keyword of a text that is a JPEG's or GIF's comment.
  static let comment = "Comment"

  /// The text as a JPEG's comment: its keyword stands before it, unless it is one.
  var comment: [UInt8] {
    Array((keyword == Self.comment ? text : "\(keyword): \(text)").utf8)
  }
}

extension Metadata {
  /// The profile, if it is made for pixels of this layout: a profile for RGB says nothing of gray (ICC.1:2022,
  /// 7.2.6: the data color space lies at byte 16).
  func colorProfile(for layout: PixelLayout) -> [UInt8]? {
    guard let colorProfile, colorProfile.count >= 20 else { return nil }
    let space: [UInt8] = Array((layout.colorChannels == 1 ? "GRAY" : "RGB ").utf8)
    return colorProfile[16..<20].elementsEqual(space) ? colorProfile : nil
  }

  /// Whether a program of this name, whatever its version, says that it wrote the file.
  package func isMarked(by program: String) -> Bool {
    texts.contains { $0.keyword == TextEntry.software && $0.text.hasPrefix(program + " ") }
  }
}
