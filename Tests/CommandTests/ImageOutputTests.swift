import Foundation
import Images
import Testing

/// Where pictures that a command makes go, and as what.
@Suite struct ImageOutputTests {
  private static let tiny = ["--model", "tiny.safetensors"]

  @Test(arguments: [
    ["sample", "-n", "2", "--seed", "1"], ["interpolate", "--seeds", "1,2", "--steps", "3"],
    ["arithmetic", "--from", "1", "--minus", "2", "--plus", "3"],
  ])
  func theEndingDecides(arguments: [String]) throws {
    let workspace = try generatorWorkspace()
    for (name, format) in [
      ("a.jpg", ImageFormat.jpeg), ("a.JPEG", .jpeg), ("a.png", .png), ("a", .png),
    ] {
      let outcome = try workspace.vision(
        arguments: ["gan"] + arguments + ["-o", name] + Self.tiny)
      #expect(outcome.status == 0 && outcome.output.hasPrefix(name), "\(outcome.error)")
      #expect(ImageFormat(sniffing: try workspace.read(name)) == format, "\(name)")
    }
  }

  @Test func anAnimationGoesToStandardOutput() throws {
    let workspace = try generatorWorkspace()
    let walk = ["gan", "interpolate", "--seeds", "3,8", "--steps", "4", "--animate", "-o"]
    let outcome = try workspace.vision(arguments: walk + ["-"] + Self.tiny)
    #expect(outcome.status == 0 && !workspace.exists("-"))
    #expect(try workspace.vision(arguments: walk + ["walk.apng"] + Self.tiny).status == 0)
    #expect(outcome.outputBytes == (try workspace.read("walk.apng")))
    #expect(outcome.outputBytes.range(of: Data("acTL".utf8)) != nil)
  }

  @Test func otherFormatsAreRefusedWithWhatCanBeWritten() throws {
    let workspace = try generatorWorkspace()
    try workspace.write(picture(), to: "in.png")
    for (arguments, command) in [
      (["filter", "--sobel", "in.png", "-o", "x.bmp"], "filter"),
      (["gan", "sample", "-o", "x.bmp"] + Self.tiny, "gan sample"),
    ] {
      let outcome = try workspace.vision(arguments: arguments)
      #expect(outcome.status == 64 && !workspace.exists("x.bmp"))
      #expect(
        outcome.error
          == "vision: x.bmp: PNG, JPEG and WebP can be written; give a name that ends in "
          + ".png, .jpg or .webp; see 'vision \(command) --help'\n")
    }
    // Said outright, any name will do.
    #expect(
      try workspace.vision("filter", "--sobel", "in.png", "-o", "x.bmp", "--format", "png").status
        == 0)
    let animation = try workspace.vision(
      arguments: ["gan", "interpolate", "--seeds", "1,2", "--animate", "-o", "w.gif"] + Self.tiny)
    #expect(
      animation.error.hasPrefix(
        "vision: w.gif: an animation is written as PNG; give a name that ends in .png"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
  func aTerminalGetsNoPictures() throws {
    let workspace = try generatorWorkspace()
    try workspace.write(picture(), to: "in.png")
    for arguments in [
      "filter --sobel in.png -o -", "gan sample -n 1 --model tiny.safetensors -o -",
      "gan interpolate --seeds 1,2 --animate --model tiny.safetensors -o -",
    ] {
      let outcome = try workspace.shell("script -qec \"$VISION \(arguments)\" /dev/null")
      #expect(outcome.status == 64)
      #expect(outcome.output.contains("an image is not for the terminal; redirect"))
    }
  }

  @Test func anAnimationTooLargeIsToldBeforeTheWork() throws {
    let workspace = try generatorWorkspace()
    let outcome = try workspace.vision(
      arguments: ["gan", "interpolate", "--seeds", "0-999", "--steps", "1000", "--animate"]
        + Self.tiny)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains("an animation of 999000 images would have more than"))
  }
}
