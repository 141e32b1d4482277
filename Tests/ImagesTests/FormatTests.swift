import Images
import Testing

/// GIF, BMP, TIFF and WebP.
@Suite struct FormatTests {
  static let lossless = [
    "still.gif", "interlaced.gif", "transparent.gif", "animated.gif", "color.bmp", "palette.bmp",
    "bits.bmp", "alpha.bmp", "lzw.tif", "tiles.tif", "planes.tif", "gray16.tif",
    "white-is-zero.tif",
    "alpha.tif", "big.tif", "pages.tif", "bits.tif", "palette.tif", "turned.tif", "lossless.webp",
    "alpha.webp", "animated.webp",
  ]
  static let lossy = ["jpeg.tif", "lossy.webp", "lossy-alpha.webp"]

  /// Pixels that Pillow, tifffile or plain arithmetic give; see make_fixtures.py.
  @Test(arguments: lossless) func pixelsEqualTheReference(name: String) throws {
    let image = try Image(fileBytes: fixture("formats/\(name)"))
    let reference = try Image(fileBytes: fixture("formats/\(name).reference.png"))
    #expect(image.layout == reference.layout)
    // Colors under full transparency are nobody's.
    #expect(visible(image) == visible(reference))
  }

  @Test(arguments: lossy) func pixelsAreNearTheReference(name: String) throws {
    let image = try Image(fileBytes: fixture("formats/\(name)"))
    let reference = try Image(fileBytes: fixture("formats/\(name).reference.png"))
    #expect(image.layout == reference.layout)
    let differences = zip(visible(image), visible(reference)).map { abs($0 - $1) }
    #expect((differences.max() ?? 0) <= 2)
  }

  private func visible(_ image: Image) -> [Int] {
    guard image.layout.hasAlpha else { return image.samples }
    let samples = image.samples
    return samples.indices.map {
      samples[$0 - $0 % image.channels + image.channels - 1] == 0 ? 0 : samples[$0]
    }
  }

  /// What is cut off is said to be, with what helps; no rows are missing where none are.
  @Test(arguments: ["color.bmp", "lzw.tif", "lossless.webp"], [1, 2, 40])
  func whatIsCutOffIsSaid(name: String, missing: Int) throws {
    let bytes = try fixture("formats/\(name)").dropLast(missing)
    do {
      _ = try Image(fileBytes: Array(bytes))
      Issue.record("\(name) was read")
    } catch {
      #expect("\(error)".hasPrefix("truncated: "), "\(error)")
      #expect("\(error)".hasSuffix("; --lenient reads the rows that are there"))
    }
    let reader = try ImageReader(bytes: Array(bytes), options: ReadOptions(lenient: true))
    _ = try Image(reading: reader)
    #expect(!reader.warnings.isEmpty)
    for warning in reader.warnings {
      #expect(!warning.contains("0 rows") && !warning.contains("1 rows"), "\(warning)")
    }
  }

  @Test func infoTellsWhatThereIs() throws {
    func info(_ name: String) throws -> ImageInfo {
      try ImageReader(bytes: fixture("formats/\(name)")).info
    }
    #expect(try info("animated.gif").imageCount == 3 && info("animated.webp").imageCount == 3)
    #expect(try info("pages.tif").imageCount == 2 && info("still.gif").imageCount == 1)
    #expect(try info("interlaced.gif").isInterlaced && !info("still.gif").isInterlaced)
    #expect(try info("gray16.tif").bitDepth == 16 && info("bits.tif").bitDepth == 1)
    #expect(try info("bits.bmp").bitDepth == 1 && info("alpha.bmp").colorModel == "RGBA")
    #expect(try info("turned.tif").orientation == .quarterTurnClockwise)
    #expect(try info("lossless.webp").isLossless && !info("lossy.webp").isLossless)
    for (name, horizontal) in [("color.bmp", 300.0), ("gray16.tif", 300)] {
      let resolution = try #require(try info(name).resolution)
      #expect(abs(resolution.horizontal * 0.0254 - horizontal) < 0.1)
      #expect(abs(resolution.vertical * 0.0254 - 150) < 0.1)
    }
    let reader = try ImageReader(bytes: fixture("formats/animated.gif"))
    #expect(reader.metadata.texts == [TextEntry(keyword: "Comment", text: "three")])
    #expect(reader.warnings == ["3 images: only the first is read"])
  }

  /// Whatever is cut off or changed: an image or an error, leniently an image of the same size and a warning.
  @Test(arguments: lossless + lossy) func damageNeverCrashes(name: String) throws {
    let file = try fixture("formats/\(name)")
    let whole = try Image(fileBytes: file)
    for end in stride(from: 0, to: file.count, by: max(1, file.count / 100)) {
      let part = Array(file[..<end])
      _ = try? Image(fileBytes: part)
      let options = ReadOptions(lenient: true)
      guard let reader = try? ImageReader(bytes: part, options: options) else { continue }
      if let read = try? Image(reading: reader) { #expect(read.width == whole.width) }
    }
    var generator = SeededGenerator(11)
    let limits = Limits(maximumPixels: 1 << 20, maximumBytes: 16 << 20)
    for _ in 0..<300 {
      var changed = file
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        changed[Int.random(in: 4..<file.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      for lenient in [false, true] {
        _ = try? Image(fileBytes: changed, options: ReadOptions(limits: limits, lenient: lenient))
      }
    }
  }

  @Test(arguments: [("still.gif", 6), ("color.bmp", 18)])
  func hugeHeadersAreRefused(name: String, place: Int) throws {
    var file = try fixture("formats/\(name)")
    let size = name.hasSuffix("gif") ? 2 : 4
    for byte in 0..<2 * size {
      file[place + byte] = byte % size == size - 1 && size == 4 ? 0x0F : 0xFF
    }
    guard case .tooLarge = failure({ _ = try ImageReader(bytes: file) }) else {
      Issue.record("a huge \(name) was not refused")
      return
    }
  }

  // MARK: - By hand

  /// GIF89a, appendix F: clear, 1, 0, (1 0), end with codes of 3 bits.
  @Test func codesOfGIF() throws {
    let header: [UInt8] =
      Array("GIF89a".utf8) + [4, 0, 1, 0, 0x80, 0, 0, 10, 20, 30, 200, 210, 220]
    // Clear is 4, end 5, and 6 the first new one: 1 followed by 0.
    let codes = [(4, 3), (1, 3), (0, 3), (6, 3), (5, 4)]
    var (bits, count, packed) = (0, 0, [UInt8]())
    for (code, length) in codes {
      bits |= code << count
      count += length
    }
    while count > 0 {
      packed.append(UInt8(bits & 255))
      bits >>= 8
      count -= 8
    }
    let image: [UInt8] =
      [0x2C, 0, 0, 0, 0, 4, 0, 1, 0, 0, 2, UInt8(packed.count)] + packed + [0, 0x3B]
    let read = try Image(fileBytes: header + image)
    #expect(read.samples == [200, 210, 220, 10, 20, 30, 200, 210, 220, 10, 20, 30])
  }

  /// An image of 62,965 pixels a side on a canvas of 32 asks for no memory.
  @Test func anImageBeyondTheCanvasOfGIF() {
    let size: [UInt8] = [0xF5, 0xF5, 0xF5, 0xF5]
    let file =
      Array("GIF89a".utf8) + [32, 0, 32, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0] + size + [0, 2, 0, 0x3B]
    let error = failure { _ = try ImageReader(bytes: file) }
    #expect(
      error.map { "\($0)" }?.contains("an image of 62965 × 62965 on a canvas of 32 × 32") == true)
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A bitmap with the header of 40 bytes; `colors` are masks or a palette.
  private func bitmap(
    width: Int, height: Int, bits: Int, compression: Int, colors: [UInt8], colorCount: Int,
    data: [UInt8]
  ) -> [UInt8] {
    let start = 14 + 40 + colors.count
    var file = Array("BM".utf8)
    file += little(start + data.count, 4)
    file += little(0, 4)
    file += little(start, 4)
    file += little(40, 4)
    file += little(width, 4)
    file += little(height, 4)
    file += little(1, 2)
    file += little(bits, 2)
    file += little(compression, 4)
    file += little(data.count, 4)
    file += little(0, 8)
    file += little(colorCount, 4)
    file += little(0, 4)
    return file + colors + data
  }

  /// Runs of BMP: three of index 1; three as they are; the end of the row; a jump.
  @Test(arguments: [8, 4]) func runsOfBMP(bits: Int) throws {
    let palette: [UInt8] = [0, 0, 0, 0, 3, 2, 1, 0, 6, 5, 4, 0, 9, 8, 7, 0]
    let bytes: [UInt8] = [3, 1, 0, 3, 2, 3, 2, 0, 0, 0, 0, 2, 4, 0, 1, 3, 0, 1]
    let nibbles: [UInt8] = [3, 0x11, 0, 3, 0x23, 0x20, 0, 0, 0, 2, 4, 0, 1, 0x30, 0, 1]
    let file = bitmap(
      width: 6, height: 2, bits: bits, compression: bits == 8 ? 1 : 2, colors: palette,
      colorCount: 4, data: bits == 8 ? bytes : nibbles)
    let indices = [0, 0, 0, 0, 3, 0, 1, 1, 1, 2, 3, 2]
    let expected = indices.flatMap { index -> [Int] in
      index == 0 ? [0, 0, 0] : [3 * index - 2, 3 * index - 1, 3 * index]
    }
    #expect(try Image(fileBytes: file).samples == expected)
  }

  /// 16 bits: five a sample, or fields of one's own; stored from the top.
  @Test func bitFieldsOfBMP() throws {
    let fields: [(masks: [Int], pixel: Int, expected: [Int])] = [
      ([], 0b0_11111_00001_00000, [255, 8, 0]),
      ([0xF800, 0x07E0, 0x001F], 0b11111_000001_11111, [255, 4, 255]),
    ]
    for (masks, pixel, expected) in fields {
      let file = bitmap(
        width: 1, height: -1, bits: 16, compression: masks.isEmpty ? 0 : 3,
        colors: masks.flatMap { little($0, 4) }, colorCount: 0, data: little(pixel, 4))
      #expect(try Image(fileBytes: file).samples == expected)
    }
  }

  /// The fourth byte of 32 bits is alpha, or, being 0 or 255 throughout, nothing.
  @Test(arguments: [([0, 0], 3), ([255, 255], 3), ([0, 255], 4), ([128, 128], 4)])
  func fourthBytesOfBMP(alphas: [UInt8], channels: Int) throws {
    let file = bitmap(
      width: 2, height: 1, bits: 32, compression: 0, colors: [], colorCount: 0,
      data: [3, 2, 1, alphas[0], 6, 5, 4, alphas[1]])
    let pixels: [[UInt8]] = [[1, 2, 3, alphas[0]], [4, 5, 6, alphas[1]]]
    let expected = pixels.flatMap { Array($0.prefix(channels)) }
    #expect(try Image(fileBytes: file).samples == expected.map(Int.init))
  }

  // MARK: - WebP

  @Test(arguments: [1, 2, 3, 4]) func webPIsWritten(channels: Int) throws {
    let image = Image.photo(PixelLayout(width: 31, height: 17, channels: channels))
    var options = WriteOptions(format: .webp, quality: 95)
    let lossy = try Image(fileBytes: image.encoded(options))
    #expect(
      lossy.layout == PixelLayout(width: 31, height: 17, channels: image.layout.hasAlpha ? 4 : 3))
    options.isLossless = true
    let kept = try Image(fileBytes: image.encoded(options))
    let expected = image.layout.hasAlpha ? kept.samples : image.flattened(channels: 3).samples
    #expect(kept.samples == expected)
    if channels == 4 { #expect(visible(kept) == visible(image)) }
  }

  @Test func metadataGoesIntoWebP() throws {
    var image = Image.photo(PixelLayout(width: 9, height: 7, channels: 3))
    var profile = [UInt8](repeating: 7, count: 701)
    profile.replaceSubrange(16..<20, with: "RGB ".utf8)
    image.metadata = Metadata(
      colorProfile: profile, exif: EXIFBuilder.block(orientation: 1), xmp: Array("<x/>".utf8))
    let read = try Image(fileBytes: image.encoded(WriteOptions(format: .webp))).metadata
    #expect(
      read.colorProfile == profile && read.exif == image.metadata.exif
        && read.xmp == image.metadata.xmp)
    #expect(read.resolution != nil)
  }

  @Test func whatIsOnlyReadIsNotWritten() throws {
    let image = Image(layout: PixelLayout(width: 2, height: 2, channels: 3))
    for format in ImageFormat.allCases where !format.isWritable {
      guard case .unsupported = failure({ _ = try image.encoded(WriteOptions(format: format)) })
      else {
        Issue.record("\(format) was written")
        continue
      }
    }
  }
}

/// Palettes and fewer bits in PNG, where they lose nothing.
@Suite struct PackingTests {
  private func read(_ image: Image) throws -> (info: ImageInfo, image: Image, bytes: Int) {
    let file = try image.encoded()
    let reader = try ImageReader(bytes: file)
    return (reader.info, try Image(reading: reader), file.count)
  }

  private func unpacked(_ image: Image) throws -> Int {
    var options = WriteOptions()
    options.packsPixels = false
    return try image.encoded(options).count
  }

  @Test(arguments: [(1, [0, 255]), (2, [0, 85, 170, 255]), (4, (0..<16).map { $0 * 17 })])
  func grayLevelsTakeFewBits(depth: Int, levels: [Int]) throws {
    for width in [1, 7, 8, 9, 200] {
      let bytes = (0..<width * 50).map { UInt8(levels[$0 * 7 / 3 % levels.count]) }
      let image = Image(layout: PixelLayout(width: width, height: 50, channels: 1), bytes: bytes)
      let packed = try read(image)
      #expect(packed.image == image)
      #expect(packed.bytes <= (try unpacked(image)))
      if width == 200 { #expect(packed.info.bitDepth <= depth && packed.info.colorModel == "gray") }
    }
  }

  @Test(arguments: [3, 4], [2, 3, 16, 17, 256])
  func fewColorsMakeAPalette(channels: Int, count: Int) throws {
    var generator = SeededGenerator(UInt64(count))
    let colors: [[UInt8]] = (0..<count).map { index -> [UInt8] in
      let alpha: UInt8 = index % 3 == 0 ? 128 : 255
      let color: [UInt8] = [UInt8(index), UInt8(index * 7 % 251), UInt8(index * 31 % 241), alpha]
      return Array(color.prefix(channels))
    }
    var bytes: [UInt8] = []
    for _ in 0..<90 * 40 { bytes += colors[Int.random(in: 0..<count, using: &generator)] }
    let image = Image(layout: PixelLayout(width: 90, height: 40, channels: channels), bytes: bytes)
    let packed = try read(image)
    #expect(packed.image == image)
    #expect(packed.info.colorModel == "palette")
    #expect(packed.info.bitDepth == (count <= 2 ? 1 : count <= 4 ? 2 : count <= 16 ? 4 : 8))
    #expect(packed.bytes < (try unpacked(image)))
  }

  @Test func whatWouldLoseStaysAsItIs() throws {
    // 257 colors; gray of all levels; 16 bits; opaque alpha stays alpha.
    let many = Image(
      layout: PixelLayout(width: 257, height: 2, channels: 3),
      bytes: (0..<514).flatMap { index -> [UInt8] in
        let color = index % 257
        return [UInt8(color & 255), UInt8(color >> 8), 0]
      })
    #expect(try read(many).info.colorModel == "RGB" && read(many).image == many)
    let gray = Image(
      layout: PixelLayout(width: 256, height: 2, channels: 1),
      bytes: (0..<512).map { UInt8($0 & 255) })
    #expect(try read(gray).info.bitDepth == 8 && read(gray).info.colorModel == "gray")
    let deep = Image(layout: PixelLayout(width: 20, height: 20, channels: 3, sample: .uint16))
    #expect(try read(deep).info.bitDepth == 16)
    let opaque = Image(
      layout: PixelLayout(width: 50, height: 50, channels: 4),
      bytes: .init(repeating: 255, count: 10_000))
    #expect(try read(opaque).image == opaque)
  }
}

/// JPEG in, JPEG out.
@Suite struct JPEGEncodingTests {
  private func info(_ file: [UInt8]) throws -> ImageInfo { try ImageReader(bytes: file).info }

  @Test(arguments: ChromaSubsampling.allCases, [5, 30, 50, 75, 98, 100])
  func qualityAndSubsamplingAreTold(subsampling: ChromaSubsampling, quality: Int) throws {
    let image = Image.photo(PixelLayout(width: 61, height: 47, channels: 3))
    let file = try image.encoded(
      WriteOptions(format: .jpeg, quality: quality, subsampling: subsampling))
    let encoding = try #require(try info(file).jpeg)
    #expect(encoding.subsampling == subsampling)
    #expect(encoding.quality == quality)
  }

  @Test func theSourcesQualityIsKept() throws {
    let image = Image.photo(PixelLayout(width: 61, height: 47, channels: 3))
    let source = try info(
      image.encoded(WriteOptions(format: .jpeg, quality: 98, subsampling: .half))
    ).jpeg
    var options = WriteOptions(format: .jpeg)
    options.source = source
    #expect(try info(image.encoded(options)).jpeg == source)
    options.quality = 40
    let told = try info(image.encoded(options)).jpeg
    #expect(told?.quality == 40 && told?.subsampling == .half)
  }

  @Test func progressiveAndOptimizedFilesHoldTheSame() throws {
    let image = Image.photo(PixelLayout(width: 300, height: 200, channels: 3))
    var options = WriteOptions(format: .jpeg, quality: 80)
    let baseline = try image.encoded(options)
    options.progressive = true
    let progressive = try image.encoded(options)
    #expect(try info(progressive).isInterlaced && !info(baseline).isInterlaced)
    #expect(try Image(fileBytes: progressive).bytes == Image(fileBytes: baseline).bytes)
  }

  /// A thousand empty scans of a large image: a few kilobytes that would be decoded for minutes.
  @Test func scansAreLimited() throws {
    var file = try fixture("progressive.jpg")
    let scan = try #require(
      file.indices.dropLast().last { file[$0] == 0xFF && file[$0 + 1] == 0xDA })
    let last = Array(file[scan..<(file.count - 2)])
    file.removeLast(2)
    for _ in 0..<400 { file += last }
    file += [0xFF, 0xD9]
    let frame = try #require(
      file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC2 })
    file.replaceSubrange(frame + 5..<frame + 9, with: [0x0F, 0xA0, 0x0F, 0xA0])
    #expect(try info(file).width == 4000)
    let error = failure {
      _ = try Image(fileBytes: file, options: ReadOptions(lenient: true))
    }
    guard case .unsupported(let message) = error else {
      Issue.record("400 scans of 16 megapixels passed: \(String(describing: error))")
      return
    }
    #expect(message.contains("scans"))
  }

  @Test func transparencyIsLaidOverTheBackground() throws {
    let clear = Image(layout: PixelLayout(width: 16, height: 16, channels: 4))
    var options = WriteOptions(format: .jpeg, quality: 100, subsampling: .full)
    options.background = BackgroundColor(red: 200, green: 30, blue: 90)
    let read = try Image(fileBytes: clear.encoded(options))
    #expect(zip(read.samples.prefix(3), [200, 30, 90]).allSatisfy { abs($0 - $1) <= 2 })
  }
}
