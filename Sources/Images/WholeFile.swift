import Files

/// A file that is read whole before its pixels are: those of formats that do not stream.
protocol WholeFile {
  /// The layout of the pixels, and what stands beside them.
  var layout: PixelLayout { get }
  var metadata: Metadata { get }
  var orientation: Orientation { get }
  /// What is told of the file; its orientation, channels and metadata are those above.
  var description: FileDescription { get }
  /// What was odd, as far as it is known.
  var warnings: [String] { get }
  /// Decodes the first image.
  ///
  /// - Parameter options: where lenient, what is damaged or missing is left black, with a warning.
  mutating func decode(_ options: ReadOptions) throws(ImageError) -> Image
}

/// How a file stores its pixels.
struct FileDescription {
  var format: ImageFormat
  var colorModel: String
  var bitDepth: Int
  var isInterlaced = false
  var imageCount = 1
  var isLossless = true
}

/// Hands over the rows of a file that is decoded whole at the first read.
final class WholeFileReader: ImageDecoder {
  private var file: any WholeFile
  private var image: Image?
  private var nextRow = 0
  private let options: ReadOptions
  let info: ImageInfo

  /// - Throws: ``ImageError/tooLarge(_:)`` where the file and its pixels take more memory than the limits allow.
  init(_ file: any WholeFile, byteCount: Int, options: ReadOptions) throws(ImageError) {
    let layout = file.layout
    try options.limits.checkSize(width: layout.width, height: layout.height)
    try options.limits.checkMemory(
      layout.byteCount.multipliedSaturating(by: 2).addingSaturating(byteCount),
      for: "a \(file.description.format.displayName) of this size")
    self.file = file
    self.options = options
    info = ImageInfo(file)
  }

  var layout: PixelLayout { file.layout }
  var metadata: Metadata { file.metadata }
  var orientation: Orientation { file.orientation }

  var warnings: [String] {
    let count = file.description.imageCount
    return (count > 1 ? ["\(count) images: only the first is read"] : []) + file.warnings
  }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    let wanted = min(count, layout.height - nextRow)
    guard wanted > 0 else { return 0 }
    let decoded: Image
    if let image {
      decoded = image
    } else {
      decoded = try file.decode(options)
      image = decoded
    }
    decoded.copyRows(
      nextRow..<nextRow + wanted,
      to: UnsafeMutableRawBufferPointer(start: rows, count: wanted * layout.bytesPerRow))
    nextRow += wanted
    if nextRow == layout.height { image = nil }
    return wanted
  }
}

extension ByteReader {
  /// All bytes that are left.
  ///
  /// - Throws: ``ImageError/tooLarge(_:)`` beyond the limit.
  func readToEnd(limits: Limits) throws(ImageError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let next = try withImageErrors(try available())
      if next.isEmpty { return bytes }
      try limits.checkMemory(bytes.count + next.count, for: "a file of this size")
      bytes.append(contentsOf: next)
      consume(next.count)
    }
  }
}

/// Numbers in a file that lies in memory; every place is looked up before it is read.
struct FileBytes {
  let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// Little-endian, of 1 to 4 bytes, at a place; nil beyond the end.
  func number(at place: Int, _ count: Int) -> Int? {
    guard place >= 0, place <= bytes.count - count else { return nil }
    return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  /// The next number.
  mutating func number(_ count: Int, _ what: String) throws(ImageError) -> Int {
    guard let number = number(at: position, count) else { throw .truncated(what) }
    position += count
    return number
  }

  /// The next bytes.
  mutating func take(_ count: Int, _ what: String) throws(ImageError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else { throw .truncated(what) }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
