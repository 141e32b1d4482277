import Files
import Images
import Testing

@Suite struct PNGTests {
  static let layouts: [PixelLayout] = [1, 2, 3, 4].flatMap { channels in
    [SampleType.uint8, .uint16].map {
      PixelLayout(width: 37, height: 23, channels: channels, sample: $0)
    }
  }

  /// What is begun and then left, as after an error, ends its threads at any moment of theirs.
  @Test func aWriterMayGoBeforeItIsDone() throws {
    let layout = PixelLayout(width: 64, height: 4096, channels: 3)
    let rows = [UInt8](repeating: 7, count: layout.byteCount)
    for count in 0..<400 {
      let writer = try ImageWriter(
        to: MemorySink(), layout: layout, options: WriteOptions(format: .png, threads: 3))
      try rows.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { try writer.write(count * 10, from: base) }
      }
    }
  }

  @Test(arguments: layouts, Compression.allCases)
  func whatIsWrittenIsRead(layout: PixelLayout, compression: Compression) throws {
    for image in [Image.noise(layout), .photo(layout), Image(layout: layout)] {
      let file = try image.encoded(WriteOptions(compression: compression))
      #expect(try Image(fileBytes: file) == image)
    }
  }

  @Test func everyWidthSurvives() throws {
    for channels in 1...4 {
      for width in 1...20 {
        let image = Image.photo(PixelLayout(width: width, height: 3, channels: channels))
        #expect(try Image(fileBytes: image.encoded()) == image)
      }
    }
  }

  @Test(arguments: Compression.allCases)
  func bytesDoNotDependOnThreads(compression: Compression) throws {
    let size = compression == .small ? 700 : 1200
    let image = Image.photo(PixelLayout(width: size, height: 3 * size, channels: 3))
    let files = try [1, 2, 5].map {
      try image.encoded(WriteOptions(compression: compression, threads: $0))
    }
    #expect(files[0] == files[1])
    #expect(files[0] == files[2])
    #expect(try Image(fileBytes: files[0]) == image)
  }

  /// A compressor is a kilobyte here and another there; where must not tell in what it makes.
  @Test func bytesDoNotDependOnAddresses() throws {
    let layout = PixelLayout(width: 50, height: 40, channels: 1)
    let bytes = (0..<UInt32(layout.byteCount)).map { UInt8((($0 &* 2_654_435_761) >> 20) % 3) }
    let image = Image(layout: layout, bytes: bytes)
    let first = try image.encoded(WriteOptions(compression: .fast))
    var kept: [UnsafeMutableRawPointer] = []
    defer { for block in kept { block.deallocate() } }
    for _ in 0..<6_000 {
      kept.append(.allocate(byteCount: 1 << 16, alignment: 16))
      #expect(try image.encoded(WriteOptions(compression: .fast)) == first)
    }
  }

  @Test func noiseHardlyGrows() throws {
    let image = Image.noise(PixelLayout(width: 1000, height: 1500, channels: 3))
    for compression in Compression.allCases {
      let file = try image.encoded(WriteOptions(compression: compression))
      #expect(file.count < image.layout.byteCount + image.layout.byteCount / 500 + 2000)
    }
  }

  @Test func metadataIsCarried() throws {
    var image = Image.photo(PixelLayout(width: 9, height: 7, channels: 3))
    var profile = [UInt8](repeating: 7, count: 700)
    profile.replaceSubrange(16..<20, with: "RGB ".utf8)
    image.metadata = Metadata(
      colorProfile: profile, exif: EXIFBuilder.block(orientation: 1),
      resolution: Resolution(horizontal: 2835, vertical: 5669))
    image.metadata.colorDescription = ColorDescription(
      gamma: 45455, chromaticities: [1, 2, 3, 4, 5, 6, 7, 8], renderingIntent: 2,
      cicp: [9, 16, 0, 1])
    image.metadata.texts = [
      TextEntry(keyword: "Copyright", text: "© someone"),
      TextEntry(keyword: "Title", text: "λ → Ω\n2"),
    ]
    image.metadata.xmp = Array("<x:xmpmeta/>".utf8)
    #expect(try Image(fileBytes: image.encoded()).metadata == image.metadata)
  }

  @Test func profileForColorIsLeftOutOfGray() throws {
    var profile = [UInt8](repeating: 7, count: 700)
    profile.replaceSubrange(16..<20, with: "RGB ".utf8)
    let image = Image(
      layout: PixelLayout(width: 3, height: 3, channels: 1),
      metadata: Metadata(colorProfile: profile))
    for format in [ImageFormat.png, .jpeg] {
      let file = try image.encoded(WriteOptions(format: format))
      #expect(try Image(fileBytes: file).metadata.colorProfile == nil)
    }
  }

  // MARK: By hand

  /// PNG 9.2, worked by hand on rows of three pixels (one byte each).
  @Test func filtersAreUndone() throws {
    var png = PNGBuilder()
    png.addHeader(width: 3, height: 5)
    png.addData([
      0, 10, 20, 30,  // none
      1, 1, 2, 3,  // sub: 1, 1+2, 3+3
      2, 250, 1, 1,  // up: 251, 4, 7
      3, 1, 1, 1,  // average: 1+125, 1+(126+4)/2, 1+(66+7)/2
      // Paeth: left 0, above 126, corner 0 → above: 127; then a=127 b=66 c=126 → p=67, nearest b;
      // then a=67 b=37 c=66 → p=38, nearest b
      4, 1, 1, 1,
    ])
    let image = try Image(fileBytes: png.bytes)
    #expect(image.bytes == [10, 20, 30, 1, 3, 6, 251, 4, 7, 126, 66, 37, 127, 67, 38])
  }

  @Test func fewBitsAreScaledTo8() throws {
    for (depth, row, expected): (UInt8, [UInt8], [UInt8]) in [
      (1, [0b1011_0000], [255, 0, 255, 255]), (2, [0b0001_1011], [0, 85, 170, 255]),
      (4, [0x0F, 0x3A], [0, 255, 51, 170]),
    ] {
      var png = PNGBuilder()
      png.addHeader(width: 4, height: 1, depth: depth)
      png.addData([0] + row)
      #expect(try Image(fileBytes: png.bytes).bytes == expected)
    }
  }

  @Test func paletteIsLookedUp() throws {
    var png = PNGBuilder()
    png.addHeader(width: 4, height: 1, depth: 2, colorType: 3)
    png.add("PLTE", [1, 2, 3, 4, 5, 6, 7, 8, 9])
    png.add("tRNS", [0, 128])
    png.addData([0, 0b0001_1011])
    let image = try Image(fileBytes: png.bytes)
    // Index 3 lies beyond the palette: black and opaque.
    #expect(image.bytes == [1, 2, 3, 0, 4, 5, 6, 128, 7, 8, 9, 255, 0, 0, 0, 255])
  }

  @Test func transparentColorBecomesAlpha() throws {
    var gray = PNGBuilder()
    gray.addHeader(width: 4, height: 1, depth: 2)
    gray.add("tRNS", [0, 2])
    gray.addData([0, 0b0001_1011])
    #expect(try Image(fileBytes: gray.bytes).bytes == [0, 255, 85, 255, 170, 0, 255, 255])
    var color = PNGBuilder()
    color.addHeader(width: 2, height: 1, depth: 16, colorType: 2)
    color.add("tRNS", [1, 2, 3, 4, 5, 6])
    color.addData([0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 7])
    #expect(
      try Image(fileBytes: color.bytes).samples
        == [0x0102, 0x0304, 0x0506, 0, 0x0102, 0x0304, 0x0507, 65535])
  }

  /// The chunks that describe colors belong together: all are kept, or none where one is damaged.
  @Test func colorsAreDescribedWhollyOrNotAtAll() throws {
    for damaged in [nil, "gAMA", "cHRM", "sRGB", "cICP"] {
      var png = PNGBuilder()
      png.addHeader(width: 1, height: 1, colorType: 2)
      let chunks: [(String, [UInt8])] = [
        ("gAMA", [0, 0, 177, 143]), ("sRGB", [1]), ("cICP", [1, 13, 0, 1]),
        ("cHRM", (1...8).flatMap { [0, 0, 0, $0] }),
      ]
      for (type, data) in chunks { png.add(type, data, checksum: type == damaged ? 7 : nil) }
      png.addData([0, 9, 9, 9])
      let expected = ColorDescription(
        gamma: 45455, chromaticities: [1, 2, 3, 4, 5, 6, 7, 8], renderingIntent: 1,
        cicp: [1, 13, 0, 1])
      let reader = try ImageReader(bytes: png.bytes)
      #expect(reader.metadata.colorDescription == (damaged == nil ? expected : ColorDescription()))
      #expect(reader.warnings.isEmpty == (damaged == nil))
      // And into the next file.
      let next = try Image(reading: reader).encoded()
      #expect(
        try ImageReader(bytes: next).metadata.colorDescription == reader.metadata.colorDescription)
    }
  }

  // MARK: Bad input

  @Test func hugeHeadersAreRefused() throws {
    var png = PNGBuilder()
    png.addHeader(width: 60_000, height: 60_000, colorType: 2)
    png.addData([0, 0, 0])
    guard case .tooLarge(let message) = failure({ _ = try ImageReader(bytes: png.bytes) }) else {
      Issue.record("60,000 × 60,000 was not refused")
      return
    }
    #expect(message.contains("--max-pixels"))
    let small = Limits(maximumPixels: 100, maximumBytes: 1 << 30)
    let image = try Image(layout: PixelLayout(width: 11, height: 10, channels: 1)).encoded()
    #expect(throws: ImageError.self) {
      _ = try ImageReader(bytes: image, options: ReadOptions(limits: small))
    }
  }

  /// Some 2⁶⁵ bytes, which no integer counts, are more than any limit.
  @Test func sizesBeyondCountingAreRefused() {
    var png = PNGBuilder()
    let side = Int(Int32.max)
    png.addHeader(width: side, height: side, depth: 16, colorType: 6, interlace: 1)
    png.addData([0, 0, 0])
    for maximumBytes in [1 << 30, Int.max] {
      let limits = Limits(maximumPixels: .max, maximumBytes: maximumBytes)
      let error = failure {
        _ = try ImageReader(bytes: png.bytes, options: ReadOptions(limits: limits))
      }
      guard case .tooLarge = error else {
        Issue.record("2⁶⁵ bytes passed a limit of \(maximumBytes)")
        continue
      }
    }
    let layout = PixelLayout(width: .max, height: .max, channels: 4, sample: .float32)
    #expect(layout.bytesPerRow == .max && layout.byteCount == .max)
  }

  @Test func memoryIsLimited() throws {
    let file = try Image(layout: PixelLayout(width: 1000, height: 1000, channels: 4)).encoded()
    let limits = Limits(maximumPixels: .max, maximumBytes: 3_999_999)
    guard
      case .tooLarge(let message) = failure({
        _ = try Image(fileBytes: file, options: ReadOptions(limits: limits))
      })
    else {
      Issue.record("4 MB passed a limit of less")
      return
    }
    #expect(message.contains("--max-memory"))
  }

  @Test(arguments: [
    ("color type 5", 8, 5, 0), ("bit depth 3", 3, 0, 0), ("bit depth 4", 4, 2, 0),
    ("interlace method 2", 8, 0, 2),
  ])
  func badHeadersAreNamed(what: String, depth: UInt8, colorType: UInt8, interlace: UInt8) {
    var png = PNGBuilder()
    png.addHeader(width: 1, height: 1, depth: depth, colorType: colorType, interlace: interlace)
    png.addData([0, 0])
    let error = failure { _ = try ImageReader(bytes: png.bytes) }
    #expect(error.map { "\($0)".contains(what) } == true)
  }

  @Test func damageIsAnError() throws {
    var wrongFilter = PNGBuilder()
    wrongFilter.addHeader(width: 1, height: 1)
    wrongFilter.addData([5, 0])
    var tooFewRows = PNGBuilder()
    tooFewRows.addHeader(width: 1, height: 2)
    tooFewRows.addData([0, 0])
    var wrongChecksum = PNGBuilder()
    wrongChecksum.addHeader(width: 1, height: 1)
    wrongChecksum.add("IDAT", PNGBuilder.zlib([0, 0]), checksum: 1)
    wrongChecksum.add("IEND", [])
    var wrongAdler = PNGBuilder()
    wrongAdler.addHeader(width: 1, height: 1)
    wrongAdler.add("IDAT", PNGBuilder.zlib([0, 0]).dropLast() + [99])
    wrongAdler.add("IEND", [])
    var noPalette = PNGBuilder()
    noPalette.addHeader(width: 1, height: 1, colorType: 3)
    noPalette.addData([0, 0])
    for png in [wrongFilter, tooFewRows, wrongChecksum, wrongAdler, noPalette] {
      guard case .corrupt = failure({ _ = try Image(fileBytes: png.bytes) }) else {
        Issue.record("damage passed")
        continue
      }
    }
    var unknown = PNGBuilder()
    unknown.addHeader(width: 1, height: 1)
    unknown.add("NEWS", [1])
    unknown.addData([0, 0])
    guard case .unsupported = failure({ _ = try Image(fileBytes: unknown.bytes) }) else {
      Issue.record("an unknown critical chunk passed")
      return
    }
  }

  @Test func damagedExtrasAreLeftOut() throws {
    var png = PNGBuilder()
    png.addHeader(width: 1, height: 1)
    png.add("iCCP", Array("name".utf8) + [0, 0, 1, 2, 3])
    png.add("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 1], checksum: 5)
    png.add("tRNS", [1, 2, 3])
    png.addData([0, 9])
    let reader = try ImageReader(bytes: png.bytes)
    let image = try Image(reading: reader)
    #expect(image.bytes == [9])
    #expect(image.metadata == Metadata())
    #expect(reader.warnings.count == 3)
  }

  @Test func everyTruncationIsAnErrorOrLenient() throws {
    let image = Image.photo(PixelLayout(width: 40, height: 60, channels: 3))
    let interlaced = try fixture("interlaced.png")
    for file in [try image.encoded(), interlaced] {
      let whole = try Image(fileBytes: file)
      for end in stride(from: 0, to: file.count, by: 7) {
        let part = Array(file[..<end])
        #expect(failure { _ = try Image(fileBytes: part) } != nil)
        let options = ReadOptions(lenient: true)
        guard let reader = try? ImageReader(bytes: part, options: options) else { continue }
        let read = try Image(reading: reader)
        #expect(read.layout == whole.layout)
        #expect(!reader.warnings.isEmpty)
      }
    }
  }

  /// With the last bytes gone, only the last rows are missing.
  @Test func lenientReadingKeepsTheRowsThatAreThere() throws {
    let image = Image.noise(PixelLayout(width: 100, height: 100, channels: 3))
    let file = try image.encoded()
    let reader = try ImageReader(
      bytes: Array(file[..<(file.count / 2)]), options: ReadOptions(lenient: true))
    let read = try Image(reading: reader)
    let same = zip(image.bytes, read.bytes).prefix { $0 == $1 }.count / 300
    #expect(same > 35 && same < 65)
    #expect(read.bytes[((same + 1) * 300)...].allSatisfy { $0 == 0 })
  }

  @Test func mutationsNeverCrash() throws {
    let image = Image.photo(PixelLayout(width: 30, height: 20, channels: 4))
    var generator = SeededGenerator(3)
    for original in [try image.encoded(), try fixture("interlaced.png")] {
      for _ in 0..<3000 {
        var file = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          file[Int.random(in: 8..<file.count, using: &generator)] = .random(
            in: 0...255, using: &generator)
        }
        for lenient in [false, true] {
          let limits = Limits(maximumPixels: 1_000_000, maximumBytes: 16 << 20)
          _ = try? Image(fileBytes: file, options: ReadOptions(limits: limits, lenient: lenient))
        }
      }
    }
  }
}
