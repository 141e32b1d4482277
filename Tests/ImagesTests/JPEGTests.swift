import Images
import Testing

@Suite struct JPEGTests {
  @Test(arguments: ChromaSubsampling.allCases)
  func photosSurviveAlmost(subsampling: ChromaSubsampling) throws {
    for channels in [1, 3] {
      let image = Image.photo(PixelLayout(width: 61, height: 47, channels: channels))
      let options = WriteOptions(format: .jpeg, quality: 95, subsampling: subsampling)
      let read = try Image(fileBytes: image.encoded(options))
      #expect(read.layout == image.layout)
      let error = zip(image.samples, read.samples).map { abs($0 - $1) }.reduce(0, +)
      #expect(Double(error) / Double(image.samples.count) < 4)
    }
  }

  /// Numbers that libjpeg-turbo's own reader gave, through OpenCV; see make_fixtures.py.
  @Test(arguments: ["baseline", "progressive", "gray", "restart", "arithmetic"])
  func pixelsEqualTheReference(name: String) throws {
    let image = try Image(fileBytes: fixture("\(name).jpg"))
    let reference = try Image(fileBytes: fixture("\(name).reference.png"))
    #expect(image.layout == reference.layout)
    #expect(image.bytes == reference.bytes)
  }

  @Test func inksBecomeColors() throws {
    // A file of one flat ink each, made by Pillow with Adobe's marker: cyan, magenta, yellow, black.
    let image = try Image(fileBytes: fixture("cmyk.jpg"))
    #expect(image.channels == 3)
    let corners = [(4, 4), (20, 4), (4, 20), (20, 20)].map { x, y in
      Array(image.samples[(y * 24 + x) * 3..<(y * 24 + x) * 3 + 3])
    }
    let expected = [[0, 255, 255], [255, 0, 255], [255, 255, 0], [0, 0, 0]]
    for (corner, color) in zip(corners, expected) {
      #expect(zip(corner, color).allSatisfy { abs($0 - $1) <= 3 })
    }
  }

  @Test(arguments: [
    ("baseline", "YCbCr"), ("progressive", "YCbCr"), ("gray", "gray"), ("cmyk", "CMYK"),
  ])
  func infoTellsHowColorIsStored(name: String, model: String) throws {
    #expect(try ImageReader(bytes: fixture("\(name).jpg")).info.colorModel == model)
  }

  @Test func transparencyIsLaidOverWhite() throws {
    let layout = PixelLayout(width: 16, height: 16, channels: 4, sample: .uint16)
    var image = Image(layout: layout)
    image.withUnsafeMutableBytes { bytes in
      let samples = bytes.bindMemory(to: UInt16.self)
      for pixel in 0..<256 { samples[4 * pixel + 3] = 32768 }
    }
    let read = try Image(fileBytes: image.encoded(WriteOptions(format: .jpeg, quality: 100)))
    #expect(read.samples.allSatisfy { abs($0 - 127) <= 1 })
  }

  @Test(arguments: [0, 2, 3, 4, 5, 6, 7, 8, 1], [true, false])
  func orientationIsApplied(orientation: Int, littleEndian: Bool) throws {
    var image = Image.photo(PixelLayout(width: 24, height: 16, channels: 1))
    image.metadata.exif = EXIFBuilder.block(orientation: orientation, littleEndian: littleEndian)
    for format in [ImageFormat.png, .jpeg] {
      let file = try image.encoded(WriteOptions(format: format, quality: 100))
      let stored = try Image(fileBytes: file, options: ReadOptions(appliesOrientation: false))
      let reader = try ImageReader(bytes: file)
      let upright = try Image(reading: reader)
      let expected = Orientation(rawValue: orientation) ?? .upright
      #expect(upright.bytes == stored.turned(expected).bytes)
      #expect(reader.info.orientation == expected)
      #expect(reader.info.width == 24)
      #expect(upright.width == (expected.swapsAxes ? 16 : 24))
      if orientation > 0 {
        // After a quarter turn the 300 dots per inch lie across the other axis.
        #expect(
          upright.metadata.exif
            == EXIFBuilder.block(
              orientation: 1, littleEndian: littleEndian,
              resolution: expected.swapsAxes ? (150, 300) : (300, 150)))
      }
    }
  }

  /// Each orientation on the image 1 2 3 / 4 5 6, as EXIF draws them.
  @Test(arguments: [
    (1, [1, 2, 3, 4, 5, 6]), (2, [3, 2, 1, 6, 5, 4]), (3, [6, 5, 4, 3, 2, 1]),
    (4, [4, 5, 6, 1, 2, 3]), (5, [1, 4, 2, 5, 3, 6]), (6, [4, 1, 5, 2, 6, 3]),
    (7, [6, 3, 5, 2, 4, 1]), (8, [3, 6, 2, 5, 1, 4]),
  ])
  func turning(number: Int, expected: [UInt8]) throws {
    let image = Image(
      layout: PixelLayout(width: 3, height: 2, channels: 1), bytes: [1, 2, 3, 4, 5, 6])
    #expect(try #require(Orientation(rawValue: number).map { image.turned($0) }).bytes == expected)
  }

  @Test func metadataIsCarried() throws {
    var image = Image.photo(PixelLayout(width: 9, height: 7, channels: 3))
    // More than one APP2 segment holds.
    var profile = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    profile.replaceSubrange(16..<20, with: "RGB ".utf8)
    image.metadata = Metadata(
      colorProfile: profile, exif: EXIFBuilder.block(orientation: 1),
      resolution: Resolution(horizontal: 300 / 0.0254, vertical: 150 / 0.0254))
    let file = try image.encoded(WriteOptions(format: .jpeg))
    #expect(try Image(fileBytes: file).metadata == image.metadata)
  }

  @Test func resolutionComesFromEXIFToo() throws {
    var image = Image.photo(PixelLayout(width: 9, height: 7, channels: 3))
    image.metadata.exif = EXIFBuilder.block(orientation: 1)
    let file = try image.encoded(WriteOptions(format: .jpeg))
    let resolution = try #require(try ImageReader(bytes: file).metadata.resolution)
    #expect(abs(resolution.horizontal * 0.0254 - 300) < 1e-9)
    #expect(abs(resolution.vertical * 0.0254 - 150) < 1e-9)
  }

  @Test func everyTruncationIsAnErrorOrLenient() throws {
    for name in ["baseline.jpg", "progressive.jpg"] {
      let file = try fixture(name)
      for end in stride(from: 0, to: file.count, by: 11) {
        let part = Array(file[..<end])
        #expect(failure { _ = try Image(fileBytes: part) } != nil)
        guard let reader = try? ImageReader(bytes: part, options: ReadOptions(lenient: true))
        else { continue }
        let read = try Image(reading: reader)
        #expect(read.layout == PixelLayout(width: 64, height: 48, channels: 3))
        #expect(!reader.warnings.isEmpty)
      }
    }
  }

  /// Where the data end, libjpeg fills in gray; what came before stays.
  @Test func lenientReadingKeepsTheRowsThatCame() throws {
    let file = try fixture("baseline.jpg")
    let whole = try Image(fileBytes: file)
    let reader = try ImageReader(
      bytes: Array(file[..<(file.count - 300)]), options: ReadOptions(lenient: true))
    let read = try Image(reading: reader)
    let rowBytes = whole.layout.bytesPerRow
    let same = zip(whole.bytes, read.bytes).prefix { $0 == $1 }.count / rowBytes
    #expect(same >= 15 && same < 48)
    #expect(reader.warnings.count == 1)
  }

  /// A second start-of-image marker where the end must be: libjpeg gives up, but has every row.
  @Test func damageBehindTheRowsLeavesThem() throws {
    let file = try fixture("baseline.jpg")
    let whole = try Image(fileBytes: file)
    let damaged = file.dropLast(2) + [0xFF, 0xD8]
    guard case .corrupt = failure({ _ = try Image(fileBytes: Array(damaged)) }) else {
      Issue.record("a second beginning passed")
      return
    }
    let reader = try ImageReader(bytes: Array(damaged), options: ReadOptions(lenient: true))
    #expect(try Image(reading: reader).bytes == whole.bytes)
    #expect(reader.warnings.count == 1)
    let warning = try #require(reader.warnings.first)
    #expect(warning.contains("the file's end is damaged") && !warning.contains("black"))
  }

  @Test func mutationsNeverCrash() throws {
    var generator = SeededGenerator(5)
    for name in ["baseline.jpg", "progressive.jpg", "arithmetic.jpg", "cmyk.jpg"] {
      let original = try fixture(name)
      for _ in 0..<500 {
        var file = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          file[Int.random(in: 3..<file.count, using: &generator)] = .random(
            in: 0...255, using: &generator)
        }
        for lenient in [false, true] {
          let limits = Limits(maximumPixels: 1_000_000, maximumBytes: 16 << 20)
          _ = try? Image(fileBytes: file, options: ReadOptions(limits: limits, lenient: lenient))
        }
      }
    }
  }

  @Test func hugeHeadersAreRefused() throws {
    var file = try fixture("baseline.jpg")
    let frame = try #require(
      file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    file.replaceSubrange(frame + 5..<frame + 9, with: [0xEA, 0x60, 0xEA, 0x60])
    guard case .tooLarge = failure({ _ = try ImageReader(bytes: file) }) else {
      Issue.record("60,000 × 60,000 was not refused")
      return
    }
  }

  @Test func twelveBitsAreNotSupported() throws {
    var file = try fixture("baseline.jpg")
    let frame = try #require(
      file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    file[frame + 4] = 12
    guard case .unsupported = failure({ _ = try ImageReader(bytes: file) }) else {
      Issue.record("12 bits passed")
      return
    }
  }

  @Test func badRequestsAreErrors() throws {
    let image = Image(layout: PixelLayout(width: 2, height: 2, channels: 3))
    for quality in [0, 101] {
      #expect(throws: ImageError.self) {
        _ = try image.encoded(WriteOptions(format: .jpeg, quality: quality))
      }
    }
    let wide = Image(layout: PixelLayout(width: 70_000, height: 1, channels: 1))
    #expect(throws: ImageError.self) { _ = try wide.encoded(WriteOptions(format: .jpeg)) }
  }
}
