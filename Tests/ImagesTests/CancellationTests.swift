import Files
import Images
import Testing

/// Decoding and encoding that nobody waits for.
@Suite struct CancellationTests {
  /// Formats that are decoded whole at the first read, and images that are.
  @Test(
    arguments: [
      "formats/still.gif", "formats/color.bmp", "formats/lzw.tif", "formats/tiles.tif",
      "formats/palette.tif", "formats/jpeg.tif", "formats/turned.tif", "formats/lossless.webp",
      "formats/lossy.webp", "interlaced.png", "progressive.jpg",
    ], [false, true])
  func decodingIsGivenUp(name: String, lenient: Bool) throws {
    let bytes = try fixture(name)
    var options = ReadOptions(lenient: lenient)
    let cancellation = Cancellation()
    options.cancellation = cancellation
    // Nothing is different as long as somebody waits.
    #expect(
      try Image(fileBytes: bytes, options: options).bytes == Image(fileBytes: bytes).bytes)
    let reader = try ImageReader(bytes: bytes, options: options)
    cancellation.cancel()
    #expect(throws: ImageError.cancelled) { try Image(reading: reader) }
  }

  /// A single strip of more than a mebibyte, which is decoded row by row, and planes of such.
  @Test(arguments: [1, 2]) func largeStripsAreDecodedByRows(planar: Int) throws {
    let image = Image.photo(PixelLayout(width: 1000, height: 1200, channels: 3))
    let file = uncompressedTIFF(image, planar: planar)
    #expect(try Image(fileBytes: file).bytes == image.bytes)
    // What is cut off is said to be.
    let cut = Array(file.dropLast(planar == 1 ? 300_000 : 100_000))
    #expect(throws: ImageError.self) { try Image(fileBytes: cut) }
    let reader = try ImageReader(bytes: cut, options: ReadOptions(lenient: true))
    let rest = try Image(reading: reader)
    #expect(!reader.warnings.isEmpty && rest.layout == image.layout)
  }

  /// A large image comes out of several steps as it comes out of one.
  @Test(arguments: [true, false]) func webPIsTheSameInParts(isLossless: Bool) throws {
    let image = Image.photo(PixelLayout(width: 1700, height: 1300, channels: 3))
    var options = WriteOptions(format: .webp)
    options.isLossless = isLossless
    let bytes = try image.encoded(options)
    let decoded = try Image(fileBytes: bytes)
    if isLossless { #expect(decoded.bytes == image.bytes) }
    // A file that is cut off gives the same rows up to there.
    let reader = try ImageReader(
      bytes: Array(bytes.prefix(bytes.count / 2)), options: ReadOptions(lenient: true))
    let half = try Image(reading: reader)
    let rows = 100 * image.layout.bytesPerRow
    #expect(half.bytes.prefix(rows) == decoded.bytes.prefix(rows))
    #expect(half.bytes.suffix(rows).allSatisfy { $0 == 0 })
  }

  @Test(arguments: [ImageFormat.webp, .png]) func encodingIsGivenUp(format: ImageFormat) throws {
    let image = Image.photo(PixelLayout(width: 300, height: 200, channels: 3))
    for isSmall in [true, false] {
      var options = WriteOptions(format: format, compression: isSmall ? .small : .balanced)
      options.isLossless = isSmall
      let expected = try image.encoded(options)
      let cancellation = Cancellation()
      options.cancellation = cancellation
      #expect(try image.encoded(options) == expected)
      cancellation.cancel()
      #expect(throws: ImageError.cancelled) { try image.encoded(options) }
    }
  }

  /// A TIFF of one strip for each plane.
  private func uncompressedTIFF(_ image: Image, planar: Int) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let (width, height) = (image.width, image.height)
    var pixels = image.bytes
    if planar == 2 {
      pixels = (0..<3).flatMap { plane in
        stride(from: plane, to: image.bytes.count, by: 3).map { pixels[$0] }
      }
    }
    let strips = planar == 1 ? 1 : 3
    // The directory stands in front of the pixels: its entries, three depths, two lists of strips.
    let entries = 10
    let lists = 8 + 2 + 12 * entries + 4
    let start = lists + 8 + 24
    let size = pixels.count / strips
    func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: Int) -> [UInt8] {
      number(tag, 2) + number(type, 2) + number(count, 4) + number(value, 4)
    }
    let offsets = (0..<strips).map { start + $0 * size }
    var file: [UInt8] = [0x49, 0x49, 42, 0] + number(8, 4) + number(entries, 2)
    file += entry(256, 4, 1, width) + entry(257, 4, 1, height) + entry(258, 3, 3, lists)
    file += entry(259, 3, 1, 1) + entry(262, 3, 1, 2)
    file += entry(273, 4, strips, strips == 1 ? start : lists + 8)
    file += entry(277, 3, 1, 3) + entry(278, 4, 1, height)
    file += entry(279, 4, strips, strips == 1 ? size : lists + 20)
    file += entry(284, 3, 1, planar) + number(0, 4)
    file += [8, 0, 8, 0, 8, 0, 0, 0]
    file += (offsets + Array(repeating: 0, count: 3 - strips)).flatMap { number($0, 4) }
    file += (0..<3).flatMap { _ in number(size, 4) }
    return file + pixels
  }
}
