import Images
import Testing

/// Images that are reduced while their rows come.
@Suite struct AveragedRowsTests {
  private func reduced(_ image: Image, sufficientSide: Int) throws -> Image {
    try Image(
      fileBytes: image.encoded(WriteOptions(format: .png)),
      options: ReadOptions(sufficientSide: sufficientSide))
  }

  @Test(arguments: [(64, 96, 64), (33, 96, 64), (32, 48, 32), (20, 32, 22), (9, 14, 10), (1, 2, 1)])
  func sides(sufficient: Int, width: Int, height: Int) throws {
    for channels in 1...4 {
      let image = Image.photo(PixelLayout(width: 96, height: 64, channels: channels))
      let layout = try reduced(image, sufficientSide: sufficient).layout
      #expect(layout == PixelLayout(width: width, height: height, channels: channels))
    }
  }

  /// The mean of each square in plain code; at the border of what is left of it.
  @Test(arguments: [SampleType.uint8, .uint16])
  func pixelsAreMeans(sample: SampleType) throws {
    let image = Image.photo(PixelLayout(width: 23, height: 17, channels: 3, sample: sample))
    let small = try reduced(image, sufficientSide: 5)
    #expect(small.width == 8 && small.height == 6)
    let (source, result) = (image.samples, small.samples)
    for y in 0..<6 {
      for x in 0..<8 {
        for channel in 0..<3 {
          var (sum, count) = (0, 0)
          for row in 3 * y..<min(3 * y + 3, 17) {
            for column in 3 * x..<min(3 * x + 3, 23) {
              sum += Int(source[(row * 23 + column) * 3 + channel])
              count += 1
            }
          }
          #expect(Int(result[(y * 8 + x) * 3 + channel]) == (2 * sum + count) / (2 * count))
        }
      }
    }
  }

  /// A red pixel among three invisible green ones is red, and a quarter opaque.
  @Test func invisibleColorDoesNotCount() throws {
    let (red, green): ([UInt8], [UInt8]) = ([200, 0, 0, 255], [0, 255, 0, 0])
    let image = Image(
      layout: PixelLayout(width: 4, height: 2, channels: 4),
      bytes: red + green + green + green + green + green + green + green)
    #expect(try reduced(image, sufficientSide: 1).samples == [200, 0, 0, 64, 0, 0, 0, 0])
  }
}
