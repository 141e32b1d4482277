import Files

/// Decodes an image file by rows, told by its bytes, upright as its EXIF orientation says.
///
/// PNG and JPEG stream: a few rows are in memory at a time. Interlaced PNGs, images that must be turned and all other
/// formats are decoded whole at the first read, progressive JPEGs as coefficients.
public final class ImageReader: RowSource {
  /// What the header says.
  public let info: ImageInfo
  public let layout: PixelLayout
  public let metadata: Metadata
  private let decoder: any ImageDecoder
  private let orientation: Orientation
  private let options: ReadOptions
  private var turned: Image?
  private var nextRow = 0

  /// Opens a file and reads its header.
  public convenience init(
    path: String, options: ReadOptions = ReadOptions()
  ) throws(ImageError) {
    try self.init(withImageErrors(try ByteReader(path: path)), options: options)
  }

  /// Reads from an open file or pipe, standard input for example; the caller closes it.
  public convenience init(
    fileDescriptor: Int32, options: ReadOptions = ReadOptions()
  ) throws(ImageError) {
    try self.init(ByteReader(fileDescriptor: fileDescriptor), options: options)
  }

  /// Reads a file that lies in memory.
  public convenience init(
    bytes: [UInt8], options: ReadOptions = ReadOptions()
  ) throws(ImageError) {
    try self.init(ByteReader(bytes: bytes), options: options)
  }

  package init(_ reader: ByteReader, options: ReadOptions) throws(ImageError) {
    let first = try withImageErrors(try reader.peek(ImageFormat.sniffedByteCount))
    guard let format = ImageFormat(sniffing: first) else { throw .unread(first) }
    self.options = options
    decoder =
      switch format {
      case .png: try PNGReader(reader, options: options)
      case .jpeg: try JPEGReader(reader, options: options)
      default: try Self.wholeFile(format, reader.readToEnd(limits: options.limits), options)
      }
    info = decoder.info
    orientation = options.appliesOrientation ? decoder.orientation : .upright
    layout = orientation.apply(to: decoder.layout)
    metadata = decoder.metadata.turned(orientation)
    if !orientation.keepsRows {
      try options.limits.checkMemory(
        layout.byteCount.multipliedSaturating(by: 2), for: "turning an image of this size upright")
    }
  }

  /// Width and height of the image in the file, upright: more than the layout's where a reduced image
  /// was asked for.
  public var fullSize: (width: Int, height: Int) {
    orientation.swapsAxes ? (info.height, info.width) : (info.width, info.height)
  }

  /// Bytes that the pixels take while they are read, where they do not stream: those of the whole image, twice where it is
  /// turned upright.
  package var heldBytes: Int {
    let streams = [.png, .jpeg].contains(info.format) && !info.isInterlaced
    let decoded = streams && orientation.keepsRows ? 0 : layout.byteCount
    return orientation.keepsRows ? decoded : decoded.addingSaturating(layout.byteCount)
  }

  private static func wholeFile(
    _ format: ImageFormat, _ bytes: [UInt8], _ options: ReadOptions
  ) throws(ImageError) -> WholeFileReader {
    let file: any WholeFile =
      switch format {
      case .webp: try WebPFile(bytes)
      case .gif: try GIFFile(bytes)
      case .tiff: try TIFFFile(bytes, limits: options.limits)
      default: try BMPFile(bytes)
      }
    return try WholeFileReader(file, byteCount: bytes.count, options: options)
  }

  /// What was odd about the file but did not keep its pixels from being read; complete after the last
  /// row.
  public var warnings: [String] { decoder.warnings }

  /// How the file was compressed, if it is a JPEG, for pixels that stand upright.
  var encoding: JPEGEncoding? { info.jpeg.map { orientation.swapsAxes ? $0.transposed : $0 } }

  public func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    switch orientation {
    case .upright:
      return try decoder.read(count, into: rows)
    case .mirrored:
      let done = try decoder.read(count, into: rows)
      for row in 0..<done { mirror(rows + row * layout.bytesPerRow) }
      return done
    default:
      return try readTurned(count, into: rows)
    }
  }

  private func readTurned(
    _ count: Int, into rows: UnsafeMutableRawPointer
  ) throws(ImageError) -> Int {
    let wanted = min(count, layout.height - nextRow)
    guard wanted > 0 else { return 0 }
    let image: Image
    if let turned {
      image = turned
    } else {
      image = try Image(reading: decoder).turned(orientation, options.cancellation)
      turned = image
    }
    image.copyRows(
      nextRow..<nextRow + wanted,
      to: UnsafeMutableRawBufferPointer(start: rows, count: wanted * layout.bytesPerRow))
    nextRow += wanted
    if nextRow == layout.height { turned = nil }
    return wanted
  }

  /// Reverses the order of a row's pixels.
  private func mirror(_ row: UnsafeMutableRawPointer) {
    let size = layout.channels * layout.sample.byteCount
    let bytes = row.assumingMemoryBound(to: UInt8.self)
    var (left, right) = (0, (layout.width - 1) * size)
    while left < right {
      for byte in 0..<size {
        let kept = bytes[left + byte]
        bytes[left + byte] = bytes[right + byte]
        bytes[right + byte] = kept
      }
      left += size
      right -= size
    }
  }
}

/// Decodes a file of one format by rows, as they are stored.
protocol ImageDecoder: RowSource {
  var info: ImageInfo { get }
  var orientation: Orientation { get }
  /// What was odd, complete after the last row.
  var warnings: [String] { get }
}

extension Metadata {
  /// What holds for the pixels after turning them upright.
  func turned(_ orientation: Orientation) -> Metadata {
    guard orientation != .upright else { return self }
    var result = self
    if let exif, var block = EXIF(exif) {
      block.turnUpright()
      result.exif = block.bytes
    }
    if orientation.swapsAxes, let resolution {
      result.resolution = Resolution(
        horizontal: resolution.vertical, vertical: resolution.horizontal)
    }
    if orientation.swapsAxes, let aspect = pixelAspect {
      result.pixelAspect = PixelAspect(horizontal: aspect.vertical, vertical: aspect.horizontal)
    }
    return result
  }
}

extension Image {
  /// Reads all rows of `source`.
  public init(reading source: some RowSource) throws(ImageError) {
    self.init(layout: source.layout, metadata: source.metadata)
    let rowBytes = layout.bytesPerRow
    try withUnsafeMutableBytes { bytes throws(ImageError) in
      guard let start = bytes.baseAddress else { return }
      var done = 0
      while done < source.layout.height {
        let count = try source.read(source.layout.height - done, into: start + done * rowBytes)
        if count == 0 { throw .truncated("rows are missing") }
        done += count
      }
    }
  }

  /// Reads a file whole.
  public init(path: String, options: ReadOptions = ReadOptions()) throws(ImageError) {
    try self.init(ImageReader(path: path, options: options), options: options)
  }

  /// Reads a file that lies in memory.
  public init(fileBytes: [UInt8], options: ReadOptions = ReadOptions()) throws(ImageError) {
    try self.init(ImageReader(bytes: fileBytes, options: options), options: options)
  }

  /// Reads all of an image whose header was read with the same options, reduced while its rows come where
  /// less is sufficient.
  package init(_ reader: ImageReader, options: ReadOptions) throws(ImageError) {
    let factor = options.factor(for: reader.layout)
    guard factor > 1 else {
      try options.limits.checkMemory(
        reader.layout.byteCount, for: "an image of this size in memory")
      try self.init(reading: reader)
      return
    }
    try self.init(reading: AveragedRows(reader, factor: factor))
  }

  /// Copies some rows to memory that has room for them.
  func copyRows(_ rows: Range<Int>, to destination: UnsafeMutableRawBufferPointer) {
    let rowBytes = layout.bytesPerRow
    withUnsafeBytes { bytes in
      destination.copyMemory(
        from: UnsafeRawBufferPointer(
          rebasing: bytes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]))
    }
  }
}
