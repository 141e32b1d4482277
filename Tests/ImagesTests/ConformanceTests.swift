import Foundation
import Images
import TestCases
import Testing

/// Runs over the files that others made to test codecs (`VISION_CONFORMANCE=1`).
@Suite(.serialized, .enabled(if: Cases.isConformanceRun, Cases.absent))
struct ConformanceTests {
  /// Reads a file and gives up on what takes long: no file of the cases may.
  private func read(
    _ file: URL, _ options: ReadOptions = ReadOptions()
  ) -> Result<Image, ImageError> {
    // Processor time of this process, in which no other test runs meanwhile: what else the machine
    // does must not fail the test.
    let start = clock()
    var result = Result<Image, ImageError>.failure(.unknownFormat)
    do throws(ImageError) {
      result = .success(try Image(path: file.path, options: options))
    } catch {
      result = .failure(error)
    }
    let seconds = Double(clock() - start) / 1e6
    #expect(seconds < 2, "\(file.lastPathComponent) took \(seconds) s")
    if case .failure(let error) = result { #expect(!"\(error)".contains("\n")) }
    return result
  }

  // MARK: BMP

  /// The references of PngSuite are bitmaps themselves.
  @Test func bitmaps() throws {
    let folder = try Cases.unpack("png/pngsuite.tar.gz")
    for file in folder.files(".bmp") {
      let bitmap = try Bitmap(Data(contentsOf: file))
      let image = try read(file).get()
      let samples = image.samples
      #expect(image.width == bitmap.width && image.height == bitmap.height)
      for pixel in 0..<image.width * image.height {
        let expected = bitmap.rgba(pixel).prefix(image.channels)
        let start = pixel * image.channels
        guard samples[start..<start + image.channels].elementsEqual(expected) else {
          Issue.record("\(file.lastPathComponent): pixel \(pixel)")
          break
        }
      }
    }
  }

  // MARK: GIF, BMP, TIFF, WebP

  /// Every byte cut off, every byte changed: an image or one line.
  @Test(arguments: FormatTests.lossless + FormatTests.lossy)
  func damagedFilesOfOtherFormats(name: String) throws {
    let file = try fixture("formats/\(name)")
    let limits = Limits(maximumPixels: 1 << 20, maximumBytes: 64 << 20)
    for index in file.indices {
      var changed = file
      changed[index] ^= 0xFF
      for bytes in [Array(file[..<index]), changed] {
        for lenient in [false, true] {
          let error = failure {
            _ = try Image(fileBytes: bytes, options: ReadOptions(limits: limits, lenient: lenient))
          }
          #expect(error.map { !"\($0)".contains("\n") } ?? true)
        }
      }
    }
  }

  // MARK: PNG

  /// Every file of PngSuite whose name does not begin with x has a reference as a 32-bit BMP. It says
  /// the same as we do apart from two conventions: 16 bits are cut to 8 there by another rounding than
  /// ours (to the nearest), and where alpha is 0 the colors may differ.
  @Test func pngSuite() throws {
    let folder = try Cases.unpack("png/pngsuite.tar.gz")
    var decoded = 0
    for file in folder.files(".png") where !file.lastPathComponent.hasPrefix("x") {
      let name = file.deletingPathExtension().lastPathComponent
      let bitmap = try Bitmap(
        Data(contentsOf: folder.url.appending(path: "bmp/\(name).bmp")))
      let image = try read(file).get()
      decoded += 1
      #expect(image.width == bitmap.width && image.height == bitmap.height)
      let tolerance = image.layout.sample == .uint16 ? 1 : 0
      let colors = image.layout.colorChannels
      let samples = image.samples.map {
        image.layout.sample == .uint16 ? Int(narrow(UInt16($0))) : $0
      }
      var differences = 0
      for pixel in 0..<image.width * image.height {
        let first = pixel * image.channels
        let alpha = image.layout.hasAlpha ? samples[first + colors] : 255
        let expected = bitmap.rgba(pixel)
        if abs(alpha - expected[3]) > tolerance { differences += 1 }
        if alpha == 0 { continue }
        for c in 0..<3 where abs(samples[first + (colors == 3 ? c : 0)] - expected[c]) > tolerance {
          differences += 1
        }
      }
      #expect(differences == 0, "\(name)")
    }
    #expect(decoded == 161)
  }

  @Test func damagedPNGsAreRefusedByReason() throws {
    let reasons = [
      "xs1n0g01": "not a PNG", "xs2n0g01": "not a PNG", "xs4n0g01": "not a PNG",
      "xs7n0g01": "not a PNG", "xcrn0g04": "not a PNG", "xlfn0g04": "not a PNG",
      "xhdn0g08": "checksum of chunk IHDR", "xc1n0g08": "color type 1",
      "xc9n2c08": "color type 9", "xd0n2c08": "bit depth 0", "xd3n2c08": "bit depth 3",
      "xd9n2c08": "bit depth 99", "xdtn0g01": "no image data",
      "xcsn0g01": "checksum of chunk IDAT",
    ]
    let folder = try Cases.unpack("png/pngsuite.tar.gz")
    let files = folder.files(".png").filter { $0.lastPathComponent.hasPrefix("x") }
    #expect(files.count == reasons.count)
    for file in files {
      let name = file.deletingPathExtension().lastPathComponent
      guard case .failure(let error) = read(file) else {
        Issue.record("\(name) was not refused")
        continue
      }
      #expect("\(error)".contains(try #require(reasons[name])), "\(name): \(error)")
    }
  }

  @Test func imageRSFilesAreRead() throws {
    let folder = try Cases.unpack("png/image-rs.tar.gz")
    for file in folder.files(".png", ".jpg", ".jpeg") {
      if case .failure(let error) = read(file) {
        Issue.record("\(file.lastPathComponent): \(error)")
      }
    }
  }

  // MARK: JPEG

  @Test func libjpegTurboImages() throws {
    let folder = try Cases.unpack("jpeg/libjpeg-turbo.tar.gz")
    func file(_ name: String) -> URL {
      folder.url.appending(path: "testimages/\(name)")
    }
    let reference = try Pixmap(Data(contentsOf: file("testorig.ppm")))
    let original = try read(file("testorig.jpg")).get()
    // The PPM is older than the library's present decoder, whose own djpeg (2.1.5) is up to 3 away from
    // it; to that the fixtures of JPEGTests are equal.
    #expect(original.bytes.count == reference.bytes.count)
    #expect(zip(original.bytes, reference.bytes).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
    // The same picture, once with Huffman and once with arithmetic coding.
    #expect(
      try read(file("testimgint.jpg")).get().bytes == read(file("testimgari.jpg")).get().bytes)
    guard case .failure(.unsupported(let reason)) = read(file("monkey12.jpg")) else {
      Issue.record("12 bits were not refused")
      return
    }
    #expect(reason.contains("precision 12"))
  }

  /// All of a series show the same picture once upright; JPEG's losses differ a little, since the
  /// blocks of the turned files lie otherwise.
  @Test(arguments: ["Landscape", "Portrait"])
  func orientations(series: String) throws {
    let folder = try Cases.unpack("jpeg/exif-orientation.tar.gz")
    let files = folder.files(".jpg").filter { $0.lastPathComponent.hasPrefix(series) }
    #expect(files.count == 9)
    let first = try read(files[0]).get()
    for file in files.dropFirst() {
      let image = try read(file).get()
      #expect(image.layout == first.layout, "\(file.lastPathComponent)")
      guard image.layout == first.layout else { continue }
      let small = try image.resized(width: 60, height: 60, .area).samples
      let expected = try first.resized(width: 60, height: 60, .area).samples
      let error = zip(small, expected).map { abs($0 - $1) }.reduce(0, +)
      // The files carry their number as a drawn digit, which is all that differs.
      #expect(Double(error) / Double(small.count) < 4, "\(file.lastPathComponent)")
    }
  }

  @Test(arguments: [false, true])
  func mutatedJPEGsNeverCrash(lenient: Bool) throws {
    let folder = try Cases.unpack("jpeg/mutated.tar.gz")
    // Forgets the peak that earlier tests have left.
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    let before = try kibibytes("VmRSS")
    var counts = [0, 0]
    for file in folder.files() {
      switch read(file, ReadOptions(lenient: lenient)) {
      case .success: counts[0] += 1
      case .failure: counts[1] += 1
      }
    }
    #expect(counts[0] > 40 && counts[1] > 40, "\(counts[0]) images, \(counts[1]) errors")
    // The limit of one image, and what goes from one to the next without being given back at once.
    #expect(try kibibytes("VmHWM") - before < (512 + 64) << 10)
  }

  /// A line of what the kernel says of this process's memory.
  private func kibibytes(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return try #require(line?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
  }

  // MARK: Truncation

  @Test(arguments: ["png", "jpg"])
  func truncatedEverywhere(kind: String) throws {
    let folder = try Cases.unpack("jpeg/libjpeg-turbo.tar.gz")
    let file = folder.url.appending(path: "testimages/testorig.\(kind)")
    let bytes = Array(try Data(contentsOf: file))
    let whole = try Image(fileBytes: bytes)
    var lastRows = 0
    for end in stride(from: 0, to: bytes.count, by: 37) {
      let part = Array(bytes[..<end])
      #expect(failure { _ = try Image(fileBytes: part) } != nil)
      guard
        let reader = try? ImageReader(bytes: part, options: ReadOptions(lenient: true)),
        let image = try? Image(reading: reader)
      else { continue }
      #expect(!reader.warnings.isEmpty)
      let rows = zip(image.bytes, whole.bytes).prefix { $0 == $1 }.count / whole.layout.bytesPerRow
      // More bytes, more rows; a JPEG's last block row changes when its neighbor below comes.
      #expect(rows >= lastRows - 16)
      lastRows = rows
    }
    #expect(lastRows >= whole.height / 2)
  }
}

/// A 32-bit BMP with rows from the bottom up and samples in the order blue, green, red, alpha.
private struct Bitmap {
  let width: Int
  let height: Int
  private let bytes: [UInt8]
  private let start: Int

  init(_ data: Data) {
    bytes = Array(data)
    func number(_ place: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(Array(data)[place + $1]) << (8 * $1) }
    }
    start = number(10)
    width = number(18)
    height = number(22)
  }

  func rgba(_ pixel: Int) -> [Int] {
    let place = start + ((height - 1 - pixel / width) * width + pixel % width) * 4
    return [2, 1, 0, 3].map { Int(bytes[place + $0]) }
  }
}

/// A binary PPM.
private struct Pixmap {
  let bytes: [UInt8]

  init(_ data: Data) {
    // P6, width, height and the greatest value, each followed by one white space.
    var spaces = 0
    let start = data.firstIndex { byte in
      if byte == 32 || byte == 10 { spaces += 1 }
      return spaces == 4
    }
    bytes = Array(data[((start ?? 0) + 1)...])
  }
}
