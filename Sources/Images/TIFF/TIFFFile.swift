import CCodecs
import Files

/// A TIFF (Adobe, *TIFF Revision 6.0*, 1992; BigTIFF), decoded by libtiff, of which the first image is read.
///
/// Gray and RGB of 8 or 16 bits come as they are stored, with alpha; everything else (fewer bits, palettes, YCbCr, CMYK)
/// as the 8-bit RGB or RGBA that libtiff makes of it.
final class TIFFFile: WholeFile {
  let layout: PixelLayout
  private(set) var metadata = Metadata()
  private(set) var orientation = Orientation.upright
  let description: FileDescription
  private(set) var warnings: [String] = []
  private let bytes: [UInt8]
  /// The bytes where the library finds them, as long as the file is open.
  private let copy: UnsafeMutableBufferPointer<UInt8>
  private let state: OpaquePointer
  private let header: vision_tiff_features
  /// Whether the samples are taken as they are stored.
  private let isDirect: Bool

  static let signatures: [[UInt8]] = [
    [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43],
  ]

  private enum Photometric {
    static let whiteIsZero: UInt16 = 0
    static let blackIsZero: UInt16 = 1
    static let rgb: UInt16 = 2
    static let names: [UInt16: String] = [
      0: "gray", 1: "gray", 2: "RGB", 3: "palette", 5: "CMYK", 6: "YCbCr", 8: "Lab",
    ]
  }

  init(_ bytes: [UInt8], limits: Limits) throws(ImageError) {
    guard vision_tiff_is_available() != 0 else { throw .missingLibrary(.tiff) }
    self.bytes = bytes
    copy = .allocate(capacity: max(1, bytes.count))
    _ = copy.initialize(from: bytes)
    guard let state = vision_tiff_open(copy.baseAddress, bytes.count) else {
      copy.deallocate()
      throw .corrupt("TIFF: \(String(cString: vision_tiff_message()))")
    }
    self.state = state
    var header = vision_tiff_features()
    let status = vision_tiff_header(state, &header)
    self.header = header
    let isGray = header.photometric <= Photometric.blackIsZero
    let colors = isGray ? 1 : 3
    isDirect =
      [8, 16].contains(header.bits) && header.sample_format <= 1 && header.extra_samples <= 1
      && header.photometric <= Photometric.rgb
      && Int(header.samples) == colors + Int(header.extra_samples)
    let hasAlpha = header.extra_samples > 0 && header.alpha != 0
    layout = PixelLayout(
      width: Int(header.width), height: Int(header.height),
      channels: (isDirect ? colors : 3) + (hasAlpha ? 1 : 0),
      sample: isDirect && header.bits == 16 ? .uint16 : .uint8)
    description = FileDescription(
      format: .tiff,
      colorModel: (Photometric.names[header.photometric] ?? "photometric \(header.photometric)")
        + (hasAlpha ? " and alpha" : ""),
      bitDepth: Int(header.bits), imageCount: TIFFDirectories(bytes).count)
    guard status == 0, header.width > 0, header.height > 0 else {
      throw .corrupt("TIFF: \(String(cString: vision_tiff_message()))")
    }
    try limits.checkSize(width: layout.width, height: layout.height)
    guard header.sample_format <= 1 else {
      throw .unsupported("TIFF: only whole numbers from 0 are read, no signed ones and no floats")
    }
    try limits.checkMemory(Int(clamping: header.block_bytes), for: "a tile or strip of this TIFF")
    readMetadata()
  }

  deinit {
    vision_tiff_close(state)
    copy.deallocate()
  }

  private func readMetadata() {
    orientation = Orientation(rawValue: Int(header.orientation)) ?? .upright
    // libtiff's memory, valid as long as the file is open.
    if let profile = header.profile, header.photometric <= Photometric.rgb {
      metadata.colorProfile = Array(
        UnsafeBufferPointer(start: profile, count: header.profile_count))
    } else if header.profile != nil {
      warnings.append("color profile left out: it was not applied when the colors became RGB")
    }
    if let xmp = header.xmp {
      metadata.xmp = Array(UnsafeBufferPointer(start: xmp, count: header.xmp_count))
    }
    let (across, down) = (Double(header.resolution_x), Double(header.resolution_y))
    if across > 0, down > 0, across.isFinite, down.isFinite {
      switch header.resolution_unit {
      case 2: metadata.resolution = Resolution(horizontal: across / 0.0254, vertical: down / 0.0254)
      case 3: metadata.resolution = Resolution(horizontal: across * 100, vertical: down * 100)
      default: break
      }
    }
    // The file's first directory is what an EXIF block would say.
    metadata.exif = EXIF(bytes)?.bytes
  }

  // MARK: - Pixels

  func decode(_ options: ReadOptions) throws(ImageError) -> Image {
    vision_tiff_watch(state, isWanted, options.cancellation.context)
    let result = Result { () throws(ImageError) in
      isDirect ? try decodeBlocks(options) : try decodeRGBA(lenient: options.lenient)
    }
    // What is given up looks damaged.
    try options.cancellation?.checkImage()
    return try result.get()
  }

  private func fail(_ what: String, lenient: Bool) throws(ImageError) {
    let message = String(cString: vision_tiff_message())
    // What the library could not read lies behind the file's end.
    let error: ImageError =
      message.contains("Read error")
      ? .truncated("the file ends in its image data")
      : .corrupt("TIFF: " + (message.isEmpty ? what : message))
    guard lenient else { throw error }
    if warnings.isEmpty { warnings.append("\(error.reason); what is missing is left black") }
  }

  /// Copies the samples of tiles or strips, one after the other, to where they belong.
  private func decodeBlocks(_ options: ReadOptions) throws(ImageError) -> Image {
    var image = Image(layout: layout, metadata: metadata)
    let (blockWidth, blockHeight) = (Int(header.block_width), Int(header.block_height))
    let across = (layout.width + blockWidth - 1) / blockWidth
    let down = (layout.height + blockHeight - 1) / blockHeight
    let planes = header.planar == 2 ? Int(header.samples) : 1
    let stored = Int(header.samples) / planes
    let size = layout.sample.byteCount
    let block = Buffer(byteCount: Int(header.block_bytes))
    for index in 0..<across * down * planes {
      try options.cancellation?.checkImage()
      block.clear()
      let isWhole = try readBlock(index, into: block, planes: planes, options.cancellation)
      if !isWhole { try fail("a tile or strip is damaged", lenient: options.lenient) }
      let (plane, place) = (index / (across * down), index % (across * down))
      let (left, top) = (place % across * blockWidth, place / across * blockHeight)
      let rows = min(blockHeight, layout.height - top)
      let columns = min(blockWidth, layout.width - left)
      let rowBytes = blockWidth * stored * size
      guard rows * rowBytes <= block.bytes.count else {
        throw .corrupt("TIFF: tiles of another size")
      }
      let layout = layout
      image.withUnsafeMutableBytes { pixels in
        for row in 0..<rows {
          var source = row * rowBytes
          for x in left..<left + columns {
            for sample in 0..<stored {
              // An extra sample that is no alpha is passed over.
              let channel = plane + sample
              if channel < layout.channels {
                let target =
                  (top + row) * layout.bytesPerRow + (x * layout.channels + channel) * size
                for byte in 0..<size { pixels[target + byte] = block.bytes[source + byte] }
              }
              source += size
            }
          }
        }
      }
    }
    if header.photometric == Photometric.whiteIsZero { image.invertColors() }
    if header.extra_samples > 0, header.alpha == 1 { image.dividePremultiplied() }
    return image
  }

  /// Decodes a tile or strip; false where it is damaged. A large strip, which may be all of the image, is decoded row
  /// by row.
  private func readBlock(
    _ index: Int, into block: Buffer, planes: Int, _ cancellation: Cancellation?
  ) throws(ImageError) -> Bool {
    let rowBytes = layout.width * Int(header.samples) / planes * layout.sample.byteCount
    let blockHeight = Int(header.block_height)
    let isLarge = block.bytes.count > Self.largeBlock && rowBytes * blockHeight <= block.bytes.count
    func readWhole() -> Bool {
      vision_tiff_read_block(
        state, header.is_tiled, UInt32(clamping: index), block.start, block.bytes.count) >= 0
    }
    guard isLarge, header.is_tiled == 0 else { return readWhole() }
    let down = (layout.height + blockHeight - 1) / blockHeight
    let top = index % down * blockHeight
    for row in top..<min(top + blockHeight, layout.height) {
      if row % 16 == 0 { try cancellation?.checkImage() }
      // The block has room for all rows of a strip.
      let status = vision_tiff_read_row(
        state, UInt32(clamping: row), Int32(index / down), block.start + (row - top) * rowBytes)
      // Not every compression can be undone by rows.
      if status != 0 { return row == top && readWhole() }
    }
    return true
  }

  private static let largeBlock = 1 << 20

  private func decodeRGBA(lenient: Bool) throws(ImageError) -> Image {
    var rgba = layout
    rgba.channels = 4
    var image = Image(layout: rgba, metadata: metadata)
    let status = image.withUnsafeMutableBytes { pixels in
      vision_tiff_read_rgba(
        state, header.width, header.height, pixels.bindMemory(to: UInt32.self).baseAddress,
        lenient ? 1 : 0)
    }
    if status == VISION_TIFF_UNSUPPORTED {
      throw .unsupported("TIFF: \(String(cString: vision_tiff_message()))")
    }
    if status != VISION_TIFF_OK {
      try fail("the image is damaged", lenient: lenient)
    }
    if layout.channels == 4 {
      image.dividePremultiplied()
      return image
    }
    var result = Image(layout: layout, metadata: metadata)
    let count = layout.width * layout.height
    result.withUnsafeMutableBytes { target in
      image.withUnsafeBytes { source in
        for pixel in 0..<count {
          for c in 0..<3 { target[3 * pixel + c] = source[4 * pixel + c] }
        }
      }
    }
    return result
  }
}

extension Image {
  /// Makes white of black, but not transparent of opaque.
  fileprivate mutating func invertColors() {
    let layout = layout
    let size = layout.sample.byteCount
    withUnsafeMutableBytes { pixels in
      for pixel in 0..<layout.width * layout.height {
        let start = pixel * layout.channels * size
        for byte in start..<start + layout.colorChannels * size { pixels[byte] = ~pixels[byte] }
      }
    }
  }

  /// Divides colors by alpha, rounded to the nearest.
  fileprivate mutating func dividePremultiplied() {
    let layout = layout
    withUnsafeMutableBytes { pixels in
      func divide<Sample: FixedWidthInteger & UnsignedInteger>(
        _ samples: UnsafeMutableBufferPointer<Sample>
      ) {
        for pixel in 0..<layout.width * layout.height {
          let start = pixel * layout.channels
          let alpha = UInt64(samples[start + layout.channels - 1])
          guard alpha > 0, alpha < UInt64(Sample.max) else { continue }
          for index in start..<start + layout.colorChannels {
            let color = (UInt64(samples[index]) * UInt64(Sample.max) + alpha / 2) / alpha
            samples[index] = Sample(clamping: color)
          }
        }
      }
      if layout.sample == .uint16 {
        divide(pixels.bindMemory(to: UInt16.self))
      } else {
        divide(pixels.bindMemory(to: UInt8.self))
      }
    }
  }
}
