import Images
import Testing

@Suite struct PaletteTests {
  private static let palette: [UInt8] = [0, 0, 0, 200, 10, 20, 1, 2, 3]

  private func indices(_ width: Int, _ height: Int) -> Image {
    Image(
      layout: PixelLayout(width: width, height: height, channels: 1),
      bytes: (0..<width * height).map { UInt8($0 * 7 % 3) })
  }

  /// What is written with a palette comes back as indices, or as the palette's colors.
  @Test func indicesComeBack() throws {
    let image = indices(37, 11)
    var options = WriteOptions(format: .png)
    options.palette = Self.palette
    let file = try image.encoded(options)
    let reader = try ImageReader(bytes: file)
    #expect(reader.info.colorModel == "palette" && reader.info.palette == Self.palette)
    let read = try Image(fileBytes: file, options: ReadOptions(keepsIndices: true))
    #expect(read.layout == image.layout)
    read.withUnsafeBytes { a in image.withUnsafeBytes { b in #expect(a.elementsEqual(b)) } }
    let colors = try Image(fileBytes: file)
    #expect(colors.channels == 3)
    colors.withUnsafeBytes { bytes in
      #expect(Array(bytes[0..<9]) == [0, 0, 0, 200, 10, 20, 1, 2, 3])
    }
  }

  /// Fewer bits than eight: a file of four colors has two bits a pixel, in the order of their appearance.
  @Test func packedIndices() throws {
    let colors: [[UInt8]] = [[9, 9, 9], [8, 8, 80], [7, 70, 7], [60, 6, 6]]
    // No pattern that would be smaller in colors.
    let indices = (0..<71 * 50).map { $0 < 4 ? $0 : ($0 * $0 * 31 >> 5 ^ $0 * 7 >> 3) & 3 }
    let image = Image(
      layout: PixelLayout(width: 71, height: 50, channels: 3),
      bytes: indices.flatMap { colors[$0] })
    let file = try image.encoded()
    #expect(try ImageReader(bytes: file).info.bitDepth == 2)
    let read = try Image(fileBytes: file, options: ReadOptions(keepsIndices: true))
    #expect(read.layout == PixelLayout(width: 71, height: 50, channels: 1))
    read.withUnsafeBytes { #expect(Array($0) == indices.map { UInt8($0) }) }
  }

  /// Images without a palette are read as ever: of more colors than one has.
  @Test func otherImagesStay() throws {
    let image = Image(
      layout: PixelLayout(width: 30, height: 20, channels: 3),
      bytes: (0..<600).flatMap { [UInt8($0 / 30), UInt8($0 % 30), 7] })
    let file = try image.encoded()
    #expect(try ImageReader(bytes: file).info.palette == nil)
    #expect(try Image(fileBytes: file, options: ReadOptions(keepsIndices: true)) == image)
  }

  @Test(arguments: [[], [1, 2], Array(repeating: 0, count: 771)] as [[UInt8]])
  func palettesThatCannotBe(palette: [UInt8]) {
    var options = WriteOptions(format: .png)
    options.palette = palette
    #expect(throws: ImageError.self) { try indices(3, 3).encoded(options) }
  }

  @Test func aPaletteNeedsOneChannel() {
    var options = WriteOptions(format: .png)
    options.palette = Self.palette
    #expect(throws: ImageError.self) {
      try Image(layout: PixelLayout(width: 2, height: 2, channels: 3)).encoded(options)
    }
  }
}
