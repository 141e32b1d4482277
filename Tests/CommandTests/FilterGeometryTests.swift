import Filters
import Foundation
import Images
import Testing

/// Sizes, parts and masks from the command line.
struct FilterGeometryTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  private func run(_ arguments: String...) throws -> Image {
    let outcome = try work.vision(
      arguments: ["filter"] + arguments + ["in.png", "-o", "out.png"])
    #expect(outcome.status == 0, "\(outcome.error)")
    return try work.image("out.png")
  }

  private func noise(width: Int, height: Int, channels: Int = 3) -> Image {
    var image = Image(
      layout: PixelLayout(width: width, height: height, channels: channels))
    var state: UInt32 = 1
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        bytes[index] = UInt8(state >> 24)
      }
    }
    return image
  }

  @Test func sizesAreTheSameForPNGAndJPEG() throws {
    try work.write(noise(width: 500, height: 399), to: "in.png")
    try work.vision("filter", "in.png", "-o", "in.jpg")
    for (arguments, size) in [
      (["--resize", "100"], [100, 80]), (["--thumbnail", "100"], [100, 80]),
      (["--thumbnail", "20"], [20, 16]), (["--rotate", "-10"], [562, 480]),
      (["--crop", "10,20,30,40"], [30, 40]), (["--trim", "--pad", "5"], [510, 409]),
    ] {
      for input in ["in.png", "in.jpg"] {
        let outcome = try work.vision(
          arguments: ["filter"] + arguments + [input, "-o", "out.png"])
        #expect(outcome.status == 0, "\(outcome.error)")
        let image = try work.image("out.png")
        #expect([image.width, image.height] == size, "\(arguments) of \(input)")
      }
    }
  }

  /// A reduced JPEG stands for the whole: an edge in its middle stays there.
  @Test func decodingLessShiftsNothing() throws {
    var image = Image(layout: PixelLayout(width: 1203, height: 805, channels: 1))
    image.withUnsafeMutableBytes { bytes in
      for y in 0..<805 { for x in 600..<1203 { bytes[y * 1203 + x] = 255 } }
    }
    try work.write(image, to: "in.png")
    try work.vision("filter", "in.png", "--quality", "100", "-o", "in.jpg")
    for size in ["40", "67", "100"] {
      try work.vision("filter", "--thumbnail", size, "in.jpg", "-o", "small.png")
      try work.vision("filter", "--thumbnail", size, "in.png", "-o", "exact.png")
      let (small, exact) = (try work.image("small.png"), try work.image("exact.png"))
      #expect(small.layout == exact.layout)
      for (a, b) in zip(small.bytes, exact.bytes) { #expect(abs(Int(a) - Int(b)) <= 8) }
    }
  }

  @Test func aMaskFileConfinesAFilter() throws {
    let image = noise(width: 20, height: 10)
    try work.write(image, to: "in.png")
    var mask = Image(layout: PixelLayout(width: 20, height: 10, channels: 1))
    mask.withUnsafeMutableBytes { $0[25] = 255 }
    try work.write(mask, to: "mask.png")
    let result = try run("--invert", "--mask", "mask.png")
    for (index, (before, after)) in zip(image.bytes, result.bytes).enumerated() {
      #expect(after == (index / 3 == 25 ? 255 - before : before))
    }
    let region = try run("--invert", "--region", "5,1,1,1")
    #expect(region.bytes == result.bytes)
  }

  @Test(arguments: [
    (["--resize", "0"], 64, "--resize: size \"0\": give W, Wx, xH or WxH"),
    (["--crop", "1,1,50,1"], 1, "is not inside the image of 20 × 10 pixels"),
    (["--invert", "--region", "1,1,0,1"], 64, "is no part of an image"),
    (["--invert", "--region", "15,1,6,1"], 1, "is not inside the image"),
    (["--invert", "--mask", "none.png"], 2, "--mask none.png"),
    (["--invert", "--fit", "pad"], 64, "it has no meaning for --invert"),
    (["--rotate", "10", "--background", "reddish"], 64, "give transparent, a name such as white"),
    (["--resize", "50%", "--region", "0,0,2,2"], 1, "changes the image's size"),
    (["--sobel", "--linear"], 64, "linear light does not apply to sobel; remove it"),
    (["--resize", "60000x60000", "--fit", "stretch"], 1, "limit of 100000000 pixels"),
  ])
  func whatIsWrongIsSaidInOneLine(_ arguments: [String], _ status: Int32, _ message: String) throws
  {
    try work.write(noise(width: 20, height: 10), to: "in.png")
    let outcome = try work.vision(
      arguments: ["filter"] + arguments + ["in.png", "-o", "out.png"])
    #expect(outcome.status == status)
    #expect(outcome.errorLines.count == (status == 64 ? outcome.errorLines.count : 1))
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(!FileManager.default.fileExists(atPath: work.url("out.png").path))
  }

  @Test func anImageOfOneColorStaysWholeWithAWarning() throws {
    try work.write(Image(layout: PixelLayout(width: 9, height: 5, channels: 3)), to: "in.png")
    let outcome = try work.vision("filter", "--trim", "in.png", "-o", "out.png")
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("warning: it is all of one color"))
    #expect(try work.image("out.png").width == 9)
  }

  @Test func whatAFilterShowsIsMeasured() throws {
    try work.write(noise(width: 20, height: 10), to: "in.png")
    let outcome = try work.vision(
      "filter", "--gray", "--measure", "--histogram", "in.png", "-o", "out.png")
    let parsed = try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any]
    let step = try #require((parsed?["steps"] as? [[String: Any]])?.first)
    #expect(step["filter"] as? String == "gray" && step["width"] as? Int == 20)
    #expect((step["histogram"] as? [[Int]])?.first?.reduce(0, +) == 200)
    #expect(parsed?["output"] as? String == "out.png")
    #expect(try work.image("out.histogram.png").width > 100)
    let refused = try work.vision("filter", "--gray", "--measure", "in.png", "-o", "-")
    #expect(refused.status == 64)
  }
}
