import Images
import Testing

/// JPEGs that come smaller because less is sufficient.
@Suite struct ReducedJPEGTests {
  private func read(
    _ image: Image, sufficientSide: Int?, format: ImageFormat = .jpeg
  ) throws -> Image {
    try Image(
      fileBytes: image.encoded(WriteOptions(format: format, quality: 98)),
      options: ReadOptions(sufficientSide: sufficientSide))
  }

  @Test(arguments: [
    (nil, 101, 67), (67, 101, 67), (34, 101, 67), (33, 51, 34), (17, 51, 34), (16, 26, 17),
    (8, 13, 9), (1, 13, 9), (0, 13, 9), (-5, 13, 9), (Int.max, 101, 67),
  ])
  func sidesAreHalvedWhileTheShorterSuffices(side: Int?, width: Int, height: Int) throws {
    for channels in [1, 3] {
      let image = Image.photo(PixelLayout(width: 101, height: 67, channels: channels))
      let reader = try ImageReader(
        bytes: image.encoded(WriteOptions(format: .jpeg, quality: 98)),
        options: ReadOptions(sufficientSide: side))
      #expect(reader.layout == PixelLayout(width: width, height: height, channels: channels))
    }
  }

  /// Each pixel is about the mean of those that it stands for.
  @Test(arguments: [(32, 2), (16, 4), (8, 8)])
  func pixelsAreMeans(side: Int, factor: Int) throws {
    let image = Image.photo(PixelLayout(width: 96, height: 64, channels: 1))
    let whole = try read(image, sufficientSide: nil)
    let means = try whole.resized(width: 96 / factor, height: 64 / factor, .area)
    let reduced = try read(image, sufficientSide: side)
    #expect(reduced.layout == means.layout)
    let error = zip(means.samples, reduced.samples).map { abs($0 - $1) }.reduce(0, +)
    #expect(Double(error) / Double(means.samples.count) < 3)
  }

  @Test func headerFactsStayWhole() throws {
    var image = Image.photo(PixelLayout(width: 96, height: 64, channels: 3))
    image.metadata.resolution = Resolution(horizontal: 3000, vertical: 3000)
    let options = ReadOptions(sufficientSide: 16)
    let reader = try ImageReader(
      bytes: image.encoded(WriteOptions(format: .jpeg)), options: options)
    #expect(reader.info.width == 96 && reader.info.height == 64)
    #expect(reader.layout.width == 24 && reader.layout.height == 16)
    #expect(reader.metadata.resolution == nil)
  }

  @Test func limitsHoldForTheStoredSize() throws {
    let bytes = try Image.photo(PixelLayout(width: 96, height: 64, channels: 3))
      .encoded(WriteOptions(format: .jpeg))
    let options = ReadOptions(
      limits: Limits(maximumPixels: 1000, maximumBytes: 1 << 20), sufficientSide: 8)
    #expect(throws: ImageError.self) { try Image(fileBytes: bytes, options: options) }
  }
}
