import Files
import Images
import Testing

/// What of an image's metadata goes into another file.
@Suite struct MetadataTests {
  static let formats: [ImageFormat] = [.png, .jpeg]
  static let image = Image.photo(PixelLayout(width: 24, height: 16, channels: 3))

  /// A small JPEG whose bytes would be seen in whatever holds it.
  static func thumbnail() throws -> [UInt8] {
    try Image.noise(PixelLayout(width: 8, height: 8, channels: 3)).encoded(
      WriteOptions(format: .jpeg))
  }

  func read(
    _ metadata: Metadata, as format: ImageFormat, _ change: (inout WriteOptions) -> Void = { _ in }
  )
    throws -> (file: [UInt8], metadata: Metadata, warnings: [String])
  {
    var image = Self.image
    image.metadata = metadata
    var options = WriteOptions(format: format)
    change(&options)
    let sink = MemorySink()
    let writer = try ImageWriter(
      to: sink, layout: image.layout, metadata: metadata, options: options)
    try image.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { try writer.write(image.height, from: start) }
    }
    try writer.finish()
    return (sink.bytes, try ImageReader(bytes: sink.bytes).metadata, writer.warnings)
  }

  /// Orientation and size tags, a maker's note and a second directory, each holding the thumbnail.
  @Test(arguments: formats, [true, false])
  func noThumbnailSurvives(format: ImageFormat, littleEndian: Bool) throws {
    let thumbnail = try Self.thumbnail()
    let block = EXIFBuilder.block(
      width: 4000, height: 3000, makerNote: [1, 2, 3] + thumbnail, thumbnail: thumbnail,
      littleEndian: littleEndian)
    let result = try read(Metadata(exif: block), as: format)
    let exif = try #require(result.metadata.exif)
    #expect(!contains(exif, [0xFF, 0xD8, 0xFF]))
    // In a JPEG it begins only once.
    #expect(!contains(Array(result.file.dropFirst(2)), [0xFF, 0xD8, 0xFF]))
    let tags = EXIFBuilder.tags(of: exif)
    #expect(tags[0x0100] == 24 && tags[0x0101] == 16 && tags[0xA002] == 24 && tags[0xA003] == 16)
    #expect(tags[0x0112] == 1 && tags[0x8827] == 400)
    #expect(tags[0x927C] == nil && tags[0x0201] == nil)
  }

  @Test func damagedEXIFIsLeftOut() throws {
    for bytes in [[], [1, 2, 3], [0x49, 0x49, 0x2A, 0] + [UInt8](repeating: 255, count: 40)]
      as [[UInt8]]
    {
      let result = try read(Metadata(exif: bytes), as: .png)
      #expect(result.metadata.exif == nil && result.warnings == ["EXIF left out: it is damaged"])
    }
    // Every entry points to all of the block: written out it would be thousands of times as long.
    let many = 4000
    var block: [UInt8] = [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, UInt8(many & 255), UInt8(many >> 8)]
    let count = 12 * many
    for tag in 0..<many {
      let number = tag + 0x1000
      block += [UInt8(number & 255), UInt8(number >> 8), 7, 0]
      block += (0..<4).map { UInt8(count >> (8 * $0) & 255) } + [0, 0, 0, 0]
    }
    block += [0, 0, 0, 0]
    #expect(try read(Metadata(exif: block), as: .png).metadata.exif == nil)
  }

  @Test func mutatedEXIFNeverCrashes() throws {
    var generator = SeededGenerator(9)
    let original = EXIFBuilder.block(
      width: 4000, height: 3000, makerNote: [1], thumbnail: try Self.thumbnail(), littleEndian: true
    )
    for _ in 0..<2000 {
      var block = original
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        block[Int.random(in: 0..<120, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      let written = try read(Metadata(exif: block), as: .png).metadata.exif ?? []
      #expect(!contains(written, [0xFF, 0xD8, 0xFF]))
    }
  }

  @Test(arguments: formats) func xmpIsCorrected(format: ImageFormat) throws {
    let packet = """
      <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:ImageWidth="4000" tiff:Orientation='6'
      dc:rights="someone"><exif:PixelYDimension>3000</exif:PixelYDimension>
      <xap:Thumbnails><rdf:Alt><rdf:li><xapGImg:image>/9j/4AAQ</xapGImg:image></rdf:li></rdf:Alt></xap:Thumbnails>
      </rdf:Description></x:xmpmeta>
      """
    let xmp = try #require(try read(Metadata(xmp: Array(packet.utf8)), as: format).metadata.xmp)
    let text = String(decoding: xmp, as: UTF8.self)
    #expect(text.contains("tiff:ImageWidth=\"24\"") && text.contains("tiff:Orientation='1'"))
    #expect(text.contains("<exif:PixelYDimension>16<") && text.contains("dc:rights=\"someone\""))
    #expect(!text.contains("Thumbnails") && !text.contains("/9j/"))
  }

  @Test(arguments: [
    "<a GDepth:Data=\"/9j/4AAQ\"/>", "<p:Thumbnails><p:image>/9j/",
    "<a xmlns:i='http://ns.adobe.com/xap/1.0/g/img/'/>",
  ])
  func xmpThatHoldsAnImageIsLeftOut(packet: String) throws {
    let result = try read(Metadata(xmp: Array(packet.utf8)), as: .png)
    #expect(result.metadata.xmp == nil && result.warnings.count == 1)
  }

  @Test func whatJPEGCannotHoldIsNamed() throws {
    var metadata = Metadata(
      colorDescription: ColorDescription(gamma: 45455, chromaticities: [1, 2, 3, 4, 5, 6, 7, 8]),
      exif: EXIFBuilder.block(orientation: 1) + [UInt8](repeating: 0, count: 10),
      pixelAspect: PixelAspect(horizontal: 2, vertical: 1))
    metadata.texts = [TextEntry(keyword: "Copyright", text: "someone")]
    let result = try read(metadata, as: .jpeg)
    #expect(result.warnings == ["gAMA, cHRM left out: JPEG cannot hold them"])
    #expect(result.metadata.texts == [TextEntry(keyword: "Comment", text: "Copyright: someone")])
    #expect(result.metadata.pixelAspect == metadata.pixelAspect)
    // sRGB is what a JPEG is taken for.
    let plain = Metadata(colorDescription: ColorDescription(gamma: 45455, renderingIntent: 0))
    #expect(try read(plain, as: .jpeg).warnings == [])
    let large = Metadata(exif: EXIFBuilder.block(orientation: 1, comment: 70_000))
    let tooLarge = try read(large, as: .jpeg)
    #expect(tooLarge.metadata.exif == nil && tooLarge.warnings.count == 1)
    #expect(try read(large, as: .png).metadata.exif == large.exif)
  }

  @Test func strippingLeavesKindsOut() throws {
    let gps = EXIFBuilder.block(orientation: 1, place: true)
    let metadata = Metadata(
      colorDescription: ColorDescription(gamma: 45455), exif: gps,
      xmp: Array("<a exif:GPSLatitude='1'/>".utf8),
      texts: [TextEntry(keyword: "Title", text: "x")],
      resolution: Resolution(horizontal: 100, vertical: 100))
    #expect(
      try read(metadata, as: .png) { $0.strip = Set(MetadataKind.allCases) }.metadata == Metadata())
    let placeless = try read(metadata, as: .png) { $0.strip = [.gps] }.metadata
    #expect(placeless.exif == EXIFBuilder.block(orientation: 1) && placeless.xmp == nil)
    #expect(placeless.texts == metadata.texts)
    let textless = try read(metadata, as: .png) { $0.strip = [.text] }.metadata
    #expect(textless.texts == [] && textless.exif == gps)
  }

  @Test(arguments: ImageFormat.writable) func theProgramIsNamed(format: ImageFormat) throws {
    let image = Self.image
    var options = WriteOptions(format: format)
    options.software = "vision 1.2"
    guard let file = try? image.encoded(options) else { return }  // No libwebp here.
    let reader = try ImageReader(bytes: file)
    #expect(reader.metadata.texts == [TextEntry(keyword: "Software", text: "vision 1.2")])
    #expect(reader.metadata.isMarked(by: "vision") && !reader.metadata.isMarked(by: "vis"))
  }

  // MARK: - PNG

  /// EXIF behind the data, with JPEG's prefix, and as the text that older programs wrote.
  @Test(arguments: ["after", "prefixed", "zTXt", "tEXt", "iTXt"])
  func exifIsFoundInPNG(place: String) throws {
    let block = EXIFBuilder.block(orientation: 6)
    let prefixed = Array("Exif\0\0".utf8) + block
    let digits = prefixed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let text = Array(
      "\nexif\n      \(prefixed.count)\n\(digits.prefix(36))\n\(digits.dropFirst(36))\n".utf8)
    let keyword = Array("Raw profile type exif\0".utf8)
    var png = PNGBuilder()
    png.addHeader(width: 3, height: 2)
    switch place {
    case "prefixed": png.add("eXIf", prefixed)
    case "zTXt": png.add("zTXt", keyword + [0] + PNGBuilder.zlib(text))
    case "tEXt": png.add("tEXt", keyword + text)
    case "iTXt": png.add("iTXt", keyword + [0, 0, 0, 0] + text)
    default: break
    }
    png.add("IDAT", PNGBuilder.zlib([0, 1, 2, 3, 0, 4, 5, 6]))
    if place == "after" { png.add("eXIf", block) }
    png.add("IEND", [])
    let image = try Image(fileBytes: png.bytes)
    // What stands behind the data is too late to turn the image.
    #expect(image.bytes == (place == "after" ? [1, 2, 3, 4, 5, 6] : [4, 1, 5, 2, 6, 3]))
    #expect(EXIFBuilder.tags(of: image.metadata.exif ?? [])[0x0112] == 1)
    for format in Self.formats {
      #expect(try ImageReader(bytes: image.encoded(WriteOptions(format: format))).info.hasEXIF)
    }
  }

  @Test func textsBehindTheDataAreKept() throws {
    var png = PNGBuilder()
    png.addHeader(width: 1, height: 1)
    png.add("tEXt", Array("Title\0before".utf8))
    png.add("IDAT", PNGBuilder.zlib([0, 1]))
    png.add("tEXt", Array("Comment\0behind".utf8))
    png.add("IEND", [])
    let texts = [
      TextEntry(keyword: "Title", text: "before"), TextEntry(keyword: "Comment", text: "behind"),
    ]
    #expect(try ImageReader(bytes: png.bytes).metadata.texts == texts)
    #expect(try ImageReader(bytes: Image(fileBytes: png.bytes).encoded()).metadata.texts == texts)
  }

  /// A thousand texts, each of which a few bytes make long.
  @Test func textsAreLimited() throws {
    var png = PNGBuilder()
    png.addHeader(width: 1, height: 1)
    let zeros = try #require(deflatedZeros(8_000_000))
    for _ in 0..<50 { png.add("zTXt", Array("a\0\0".utf8) + zeros) }
    png.addData([0, 1])
    let reader = try ImageReader(bytes: png.bytes)
    #expect(reader.metadata.texts.count <= 2 && reader.warnings.count >= 48)
  }

  /// A zlib stream of so many zeros, taken out of a PNG that is all black.
  func deflatedZeros(_ count: Int) -> [UInt8]? {
    guard
      let file = try? Image(layout: PixelLayout(width: count - 1, height: 1, channels: 1))
        .encoded(WriteOptions(compression: .small))
    else { return nil }
    var start = 8
    while start + 8 <= file.count {
      let length = file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      if file[(start + 4)..<(start + 8)].elementsEqual("IDAT".utf8) {
        return Array(file[(start + 8)..<(start + 8 + length)])
      }
      start += 12 + length
    }
    return nil
  }

  // MARK: - JPEG

  @Test func anIncompleteProfileIsNamed() throws {
    let file = try Self.image.encoded(WriteOptions(format: .jpeg))
    let segment = Array("ICC_PROFILE\0".utf8) + [1, 2] + [UInt8](repeating: 7, count: 200)
    let length = segment.count + 2
    let damaged =
      file[..<2] + [0xFF, 0xE2, UInt8(length >> 8), UInt8(length & 255)] + segment + file[2...]
    let reader = try ImageReader(bytes: Array(damaged))
    #expect(reader.metadata.colorProfile == nil)
    #expect(reader.warnings == ["color profile left out: it is incomplete"])
  }

  @Test func cmykSaysThatNoProfileWasApplied() throws {
    let reader = try ImageReader(bytes: fixture("cmyk.jpg"))
    #expect(reader.warnings.contains { $0.contains("CMYK was made RGB") })
  }

  @Test func imagesOfAMultiPictureFileAreCounted() throws {
    let file = try Self.image.encoded(WriteOptions(format: .jpeg))
    let index: [UInt8] =
      Array("MPF\0".utf8) + [
        0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 1, 0, 1, 0xB0, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
      ]
    let segment = [0xFF, 0xE2, 0, UInt8(index.count + 2)] + index
    let reader = try ImageReader(bytes: Array(file[..<2] + segment + file[2...]))
    #expect(reader.info.imageCount == 2)
    #expect(reader.warnings == ["2 images: only the first is read"])
  }

  private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: part) }
  }
}
