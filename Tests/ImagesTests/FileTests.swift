import Foundation
import Images
import TestCases
import Testing

@Suite struct FileTests {
  private func write(_ text: String, to path: String, commit: Bool = true) throws {
    let file = try AtomicFile(path: path)
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    if commit { try file.commit() }
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func fileAppearsWhenComplete() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("new.png")
    let file = try AtomicFile(path: path)
    try [1, 2, 3].withUnsafeBytes { try file.write($0) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.commit()
    #expect(folder.files().map(\.lastPathComponent) == ["new.png"])
  }

  /// What the kernel says of this process, as under `taskset`, not of the machine.
  @Test func processorsAreThoseThatMayBeUsed() throws {
    let status = try text("/proc/self/status").split(separator: "\n")
    let line = try #require(status.first { $0.hasPrefix("Cpus_allowed:") })
    let digits = line.split(separator: "\t").last ?? ""
    let count = digits.reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
    #expect(processorCount == count)
  }

  @Test func withoutCommitNothingChanges() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("old.png")
    try write("old", to: path)
    try write("new", to: path, commit: false)
    #expect(try text(path) == "old")
    #expect(folder.files().count == 1)
    try write("new", to: path)
    #expect(try text(path) == "new")
    #expect(folder.files().count == 1)
  }

  @Test func namedTemporaryFilesServeToo() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("file")
    for text in ["first", "second"] {
      let dropped = try AtomicFile(pathBytes: Array(path.utf8), nameless: false)
      try [1].withUnsafeBytes { try dropped.write($0) }
      let file = try AtomicFile(pathBytes: Array(path.utf8), nameless: false)
      try Array(text.utf8).withUnsafeBytes { try file.write($0) }
      #expect(folder.files().contains { $0.lastPathComponent.hasPrefix(".vision-") })
      try file.commit()
      #expect(try self.text(path) == text)
    }
    #expect(folder.files().map(\.lastPathComponent) == ["file"])
  }

  @Test func permissionsAndLinksStay() throws {
    let folder = try TemporaryFolder()
    let (path, link) = (folder.path("file"), folder.path("link"))
    try write("old", to: path)
    #expect(chmod(path, 0o640) == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "file")
    try write("new", to: link)
    #expect(try text(path) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "file")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test func devicesAreWrittenTo() throws {
    try write("nothing", to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    guard case .system = failure({ try write("x", to: "/dev/full") }) else {
      Issue.record("a full device took bytes")
      return
    }
  }

  @Test func impossiblePlacesAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ImageError.self) { try write("x", to: folder.path("no/such/place")) }
    #expect(throws: ImageError.self) { try write("x", to: folder.url.path) }
    #expect(throws: ImageError.self) { _ = try ImageReader(path: folder.path("none.png")) }
    #expect(throws: ImageError.self) { _ = try ImageReader(path: folder.url.path) }
  }

  @Test func formatIsToldFromBytes() throws {
    let folder = try TemporaryFolder()
    let image = Image.photo(PixelLayout(width: 5, height: 4, channels: 3))
    let path = folder.path("picture.jpg")
    try image.write(path: path, options: WriteOptions(format: .png))
    let reader = try ImageReader(path: path)
    #expect(reader.info.format == .png)
    #expect(try Image(reading: reader) == image)
    for bytes in [[], [0x89], Array("GIF89a-and-more".utf8), [0xFF, 0xD8]] as [[UInt8]] {
      #expect(failure { _ = try ImageReader(bytes: bytes) } == .unknownFormat)
    }
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
