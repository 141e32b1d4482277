import Files
import Foundation
import Images
import TestCases
import Testing

@Suite struct FileTests {
  @Test func impossiblePlacesAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ImageError.self) { _ = try ImageReader(path: folder.path("none.png")) }
    #expect(throws: ImageError.self) { _ = try ImageReader(path: folder.url.path) }
    let image = Image(layout: PixelLayout(width: 1, height: 1, channels: 1))
    #expect(throws: ImageError.self) { try image.write(path: folder.path("no/such/place.png")) }
  }

  @Test func formatIsToldFromBytes() throws {
    let folder = try TemporaryFolder()
    let image = Image.photo(PixelLayout(width: 5, height: 4, channels: 3))
    let path = folder.path("picture.jpg")
    try image.write(path: path, options: WriteOptions(format: .png))
    let reader = try ImageReader(path: path)
    #expect(reader.info.format == .png)
    #expect(try Image(reading: reader) == image)
    for bytes in [[0x89], Array("GIF88a-and-more".utf8), [0xFF, 0xD8]] as [[UInt8]] {
      #expect(failure { _ = try ImageReader(bytes: bytes) } == .unknownFormat)
    }
    #expect(failure { _ = try ImageReader(bytes: []) } == .corrupt("the file is empty"))
    // A GIF by its first bytes, and then no more of it.
    let error = failure { _ = try ImageReader(bytes: Array("GIF89a-and-more".utf8)) }
    #expect(error == .truncated("the file ends before its first image"))
  }

  @Test(arguments: [
    ("HEIC", "\0\0\0\u{18}ftypheic"), ("HEIC", "\0\0\0\u{1C}ftypmif1"), ("AVIF", "\0\0\0 ftypavif"),
    ("Video", "\0\0\0 ftypisom"), ("JPEG XL", "\0\0\0\u{C}JXL \r\n"), ("PSD", "8BPS\0\u{1}"),
    ("JPEG 2000", "\0\0\0\u{C}jP  \r\n"), ("ICO", "\0\0\u{1}\0"), ("SVG", "<svg xmlns="),
    ("PDF", "%PDF-1.7"),
  ])
  func foreignFormatsAreNamed(_ name: String, _ beginning: String) {
    let bytes = Array(beginning.utf8)
    #expect(failure { _ = try ImageReader(bytes: bytes) } == .foreignFormat(name))
    #expect("\(ImageError.foreignFormat(name))".hasPrefix("\(name) is not read here; "))
  }

  @Test func pipesAreRead() throws {
    let image = Image.noise(PixelLayout(width: 300, height: 400, channels: 3))
    let file = try image.encoded()
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let writing = ends[1]
    let thread = Thread {
      let sink = FileDescriptorSink(fileDescriptor: writing)
      _ = try? file.withUnsafeBytes { try sink.write($0) }
      close(writing)
    }
    thread.start()
    let read = try Image(reading: ImageReader(fileDescriptor: ends[0]))
    close(ends[0])
    #expect(read == image)
  }

  @Test func infoComesFromTheHeader() throws {
    var image = Image(layout: PixelLayout(width: 30, height: 20, channels: 4, sample: .uint16))
    image.metadata.resolution = Resolution(horizontal: 1000, vertical: 2000)
    let file = try image.encoded()
    // Nothing but the header is there.
    let start = try #require(file.indices.first { file[$0...].starts(with: "IDAT".utf8) })
    let info = try ImageReader(bytes: Array(file[..<(start + 4)])).info
    #expect(info.format == .png && info.width == 30 && info.height == 20)
    #expect(info.channels == 4 && info.bitDepth == 16 && !info.isInterlaced)
    #expect(info.colorModel == "RGBA")
    let size = try #require(info.physicalSize)
    #expect(size.width == 0.03 && size.height == 0.01)
  }

  @Test func flatGraphicsStaySmall() throws {
    // libpng at level 6 (through libvips, all filters) makes 13,466 bytes of the same picture; see
    // make_fixtures.py, which reads it from screenshot.png.
    let image = Image.screenshot(width: 800, height: 600)
    let balanced = try image.encoded(WriteOptions(compression: .balanced)).count
    let small = try image.encoded(WriteOptions(compression: .small)).count
    #expect(small <= balanced)
    #expect(Double(balanced) <= 1.1 * 13_466)
  }
}
