import Foundation
import Images
import Testing

/// Folders, links, names that are taken, and files that are the user's own.
@Suite struct FilterBatchTests {
  let work: Workspace
  let manager = FileManager.default

  init() throws { work = try Workspace() }

  private func link(_ path: String, to target: String) throws {
    try manager.createSymbolicLink(atPath: work.url(path).path, withDestinationPath: target)
  }

  // MARK: - Links

  /// The real folder first, whatever the link beside it is called.
  @Test func linksComeLast() throws {
    try work.write(picture(), to: "in/2024/a.png")
    try work.write(picture(seed: 3), to: "in/b.png")
    try link("in/1best", to: "2024")
    try link("in/2024/0up", to: "..")
    try link("in/a-link.png", to: "b.png")
    let outcome = try work.vision("filter", "--gray", "in", "-o", "out/")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try work.files().filter { $0.hasPrefix("out/") } == ["out/2024/a.png", "out/b.png"])
  }

  @Test(arguments: [false, true]) func inPlaceStaysInItsFolder(follows: Bool) throws {
    for name in ["outside/b.png", "other.png", "in/a.png"] { try work.write(picture(), to: name) }
    let before = try work.read("outside/b.png")
    try link("in/link", to: "../outside")
    try link("in/file.png", to: "../other.png")
    try link("in/inner.png", to: "a.png")
    let outcome = try work.vision(
      arguments: ["filter", "--sobel", "--in-place", "in"] + (follows ? ["--follow-links"] : []))
    #expect(outcome.status == 0)
    #expect(try (work.read("outside/b.png") == before) == !follows)
    #expect(try (work.read("other.png") == before) == !follows)
    // Once, not once more through the link beside it.
    let once = try work.vision("filter", "--sobel", "-", input: before).outputBytes
    #expect(try work.image("in/a.png") == Image(fileBytes: Array(once)))
    if !follows { #expect(outcome.error.contains("skipped 2 files outside, where links lead")) }
  }

  @Test func aLinkThatIsNamedIsFollowed() throws {
    try work.write(picture(), to: "real/a.png")
    let before = try work.read("real/a.png")
    try link("link", to: "real")
    try link("link.png", to: "real/a.png")
    #expect(try work.vision("filter", "--sobel", "--in-place", "link").status == 0)
    #expect(try work.read("real/a.png") != before)
    #expect(try work.vision("filter", "--sobel", "--in-place", "link.png").status == 0)
  }

  @Test(arguments: [
    ["filter", "--gray", "in", "-o", "out/"], ["info", "in"], ["classify", "in"],
  ])
  func linksToNowhereAreNamed(arguments: [String]) throws {
    try work.write(picture(), to: "in/a.png")
    try link("in/b.png", to: "/nowhere")
    let outcome = try work.vision(arguments: arguments)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("vision: in/b.png: is a link that leads nowhere"))
  }

  // MARK: - Names

  @Test(arguments: [
    ["filter", "--gray", "-graph.png", "a.png"], ["info", "-graph.png", "a.png"],
    ["classify", "-graph.png"],
    ["filter", "-nothere.png", "--gray"], ["info", "-xh"], ["explain", "-graph.png", "-o", "out"],
    ["train", "-graph.png", "--out", "run"], ["gan", "evaluate", "-graph.png"],
    ["models", "-graph.png"],
    ["filter", "learn", "--before", "a.png", "--after", "-graph.png"],
  ])
  func namesThatLookLikeOptionsGetAHint(arguments: [String]) throws {
    for name in ["-graph.png", "a.png"] { try work.write(picture(), to: name) }
    let outcome = try work.vision(arguments: arguments)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.error.contains("./"), "\(outcome.error)")
  }

  @Test(arguments: [["./-graph.png"], ["--", "-graph.png"]]) func suchNamesCanBeGiven(
    names: [String]
  ) throws {
    try work.write(picture(), to: "-graph.png")
    #expect(try work.vision(arguments: ["filter", "--gray", "-oout.png"] + names).status == 0)
    #expect(work.exists("out.png"))
  }

  @Test func valuesMayBeJoinedToShortOptions() throws {
    try work.write(picture(), to: "in.png")
    #expect(try work.vision("filter", "--gray", "in.png", "-oq.png", "-j2").status == 0)
    #expect(try work.vision("filter", "--gray", "in.png", "-o=r.png").status == 0)
    #expect(work.exists("q.png") && work.exists("r.png"))
    #expect(try work.vision("gan", "sample", "-n2", "--seed", "1", "-ofaces.png").status == 0)
    #expect(work.exists("faces.png"))
  }

  @Test func theBeginningOfAnOptionIsEnoughForAHint() throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision("filter", "--gaus", "1", "in.png")
    #expect(
      outcome.status == 64 && outcome.error.contains("Did you mean '--gaussian'?"),
      "\(outcome.error)")
  }

  /// One error for the command line, not one for each image.
  @Test(arguments: [
    ["--blur", "--direction", "x"], ["--gray", "--stride", "2"],
    ["--max-pool", "2", "--border", "wrap"],
  ])
  func optionsThatDoNotFitAreRefusedFirst(options: [String]) throws {
    for name in ["a", "b", "c"] { try work.write(picture(), to: "in/\(name).png") }
    let outcome = try work.vision(arguments: ["filter"] + options + ["in", "-o", "out/"])
    #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(outcome.error)")
    #expect(!work.exists("out"))
  }

  // MARK: - Results

  @Test func twoInputsOfOneNameGiveTwoResults() throws {
    try work.write(picture(), to: "in/a.jpg")
    try work.write(picture(), to: "in/a.png")
    let outcome = try work.vision("filter", "--gray", "in", "-o", "out/", "--format", "png")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      try work.files().filter { $0.hasPrefix("out/") } == ["out/a.jpg.png", "out/a.png"])
  }

  @Test func whatTheUserMadeIsNotReplaced() throws {
    try work.write(picture(), to: "in/x.png")
    try work.write(picture(seed: 5), to: "in/x.sobel.png")
    let own = try work.read("in/x.sobel.png")
    let outcome = try work.vision("filter", "--sobel", "in")
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("would replace"), "\(outcome.error)")
    #expect(try work.read("in/x.sobel.png") == own)
    // It is an image like any other.
    #expect(work.exists("in/x.sobel.sobel.png"))
    #expect(try work.vision("filter", "--sobel", "--overwrite", "in/x.png").status == 0)
    #expect(try work.read("in/x.sobel.png") != own)
    // What this program wrote is replaced, and is no input.
    let again = try work.vision("filter", "--sobel", "in/x.png")
    #expect(again.status == 0)
  }

  @Test func strippedResultsNeedOverwrite() throws {
    try work.write(picture(), to: "x.jpg")
    for format in ["png", "jpeg"] {
      let line = ["filter", "--sobel", "--format", format, "x.jpg"]
      #expect(try work.vision(arguments: line).status == 0)
      #expect(try work.vision(arguments: line).status == 0)
      #expect(try work.vision(arguments: line + ["--strip"]).status == 0)
      #expect(try work.vision(arguments: line + ["--strip"]).status == 1)
      #expect(try work.vision(arguments: line + ["--strip", "--overwrite"]).status == 0)
    }
  }

  @Test(arguments: [
    ["gan", "sample", "-n", "1", "--seed", "3"],
    ["gan", "arithmetic", "--from", "1", "--minus", "2", "--plus", "3"],
    ["gan", "interpolate", "--seeds", "1,2", "--steps", "2"],
    ["gan", "sample", "-n", "1", "--seed", "3", "--each", "."], ["explain", "in.png", "-o", "."],
  ])
  func namesThatAreMadeUpReplaceNothing(arguments: [String]) throws {
    for name in [
      "faces-seed-3.png", "faces-arithmetic.png", "faces-walk.png", "seed-3.png", "filters.png",
      "in.png",
    ] {
      try work.write(picture(), to: name)
    }
    let before = try work.files().map { try work.read($0) }
    let outcome = try work.vision(arguments: arguments)
    #expect(
      outcome.status == 64 && outcome.error.contains("does not say that vision wrote it"),
      "\(outcome.error)")
    #expect(try work.files().map { try work.read($0) } == before)
  }

  @Test func existingResultsCanBeLeftAlone() throws {
    for name in ["a", "b"] { try work.write(picture(), to: "in/\(name).png") }
    try work.write("mine", to: "out/a.png")
    let outcome = try work.vision("filter", "--gray", "in", "-o", "out/", "--skip-existing")
    #expect(
      outcome.status == 0 && outcome.error.contains("skipped 1 with a result already"),
      "\(outcome.error)")
    #expect(try work.read("out/a.png") == Data("mine".utf8) && work.exists("out/b.png"))
  }

  @Test(arguments: [true, false]) func timesCanBeKept(inPlace: Bool) throws {
    try work.write(picture(), to: "in.png")
    let date = Date(timeIntervalSince1970: 1_000_000_000)
    try manager.setAttributes([.modificationDate: date], ofItemAtPath: work.url("in.png").path)
    let target = inPlace ? ["--in-place"] : ["-o", "out.png"]
    #expect(
      try work.vision(arguments: ["filter", "--sobel", "in.png", "--preserve-times"] + target)
        .status == 0)
    let attributes = try manager.attributesOfItem(
      atPath: work.url(inPlace ? "in.png" : "out.png").path)
    #expect(attributes[.modificationDate] as? Date == date)
  }

  @Test func patternsNameResults() throws {
    try work.write(picture(), to: "in/a.png")
    try work.write(picture(), to: "in/sub/b.jpg")
    let pattern = "out/{dir}/{name}-{from}.{filter}.{ext}"
    let outcome = try work.vision("filter", "--gray", "--sobel", "in", "-o", pattern)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      try work.files().filter { $0.hasPrefix("out/") } == [
        "out/a-png.gray-sobel.png", "out/sub/b-jpg.gray-sobel.jpg",
      ])
    let unknown = try work.vision("filter", "--gray", "in", "-o", "out/{nmae}.png")
    #expect(unknown.status == 64 && unknown.error.contains("{nmae} is unknown; there are {name}"))
  }

  // MARK: - Formats

  @Test func animationsAreNotReplacedByOneImage() throws {
    let frames = [picture(), picture(seed: 3)]
    try AnimatedPNG(frames: frames, framesPerSecond: 5).write(path: work.url("in.png").path)
    let before = try work.read("in.png")
    let outcome = try work.vision("filter", "--gray", "--in-place", "in.png")
    #expect(outcome.status == 1 && outcome.error.contains("holds 2 images"), "\(outcome.error)")
    #expect(try work.read("in.png") == before)
    #expect(
      try work.vision("info", "in.png").output.contains(
        "images       2, of which the first is read"))
    #expect(try work.vision("filter", "--gray", "--in-place", "--overwrite", "in.png").status == 0)
  }

  @Test func otherFormatsAreCounted() throws {
    try work.write(picture(), to: "in/a.png")
    for name in ["b.heic", "c.heic", "d.avif", "e.txt"] { try work.write("x", to: "in/\(name)") }
    for line in [["filter", "--gray", "in", "-o", "out/"], ["info", "in"], ["classify", "in"]] {
      let outcome = try work.vision(arguments: line)
      #expect(
        outcome.status == 0 && outcome.error.contains("skipped 1 AVIF file, 2 HEIC files\n"),
        "\(outcome.error)")
    }
  }

  @Test func jpegKeepsItsQuality() throws {
    var options = WriteOptions(format: .jpeg, quality: 98, subsampling: .half)
    try work.write(Data(picture(width: 60, height: 40).encoded(options)), to: "in.jpg")
    func quality(_ arguments: String...) throws -> String {
      #expect(
        try work.vision(arguments: ["filter", "--sharpen", "in.jpg", "-o", "out.jpg"] + arguments)
          .status == 0)
      let line = try work.vision("info", "out.jpg").lines.first { $0.hasPrefix("  quality") } ?? ""
      return String(line.dropFirst(15))
    }
    #expect(try quality() == "about 98, 4:2:2")
    #expect(try quality("--quality", "keep") == "about 98, 4:2:2")
    #expect(try quality("--quality", "70") == "about 70, 4:2:2")
    #expect(try quality("--subsampling", "420") == "about 98, 4:2:0")
    #expect(try quality("--progressive") == "about 98, 4:2:2")
    #expect(try work.vision("info", "out.jpg").output.contains("progressive  yes"))
    // Turned by a quarter, color is halved down instead of across.
    options.quality = 60
    var turned = picture(width: 60, height: 40)
    turned.metadata.exif =
      Array("II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
    try work.write(Data(turned.encoded(options)), to: "in.jpg")
    #expect(try quality() == "about 60, 4:4:0")
    // From PNG: 90.
    try work.write(picture(), to: "in.png")
    #expect(try work.vision("filter", "in.png", "-o", "out.jpg", "--quality", "keep").status == 0)
    #expect(try work.vision("info", "out.jpg").output.contains("about 90, 4:2:0"))
    #expect(try work.vision("filter", "in.png", "-o", "out.jpg", "--quality", "101").status == 64)
  }

  @Test func theBackgroundIsChosen() throws {
    try work.write(Image(layout: PixelLayout(width: 8, height: 8, channels: 4)), to: "in.png")
    for (color, expected) in [("#ff8000", [255, 128, 0]), ("black", [0, 0, 0])] {
      let line = ["filter", "in.png", "-o", "out.jpg", "--background", color, "--quality", "100"]
      #expect(try work.vision(arguments: line).status == 0)
      #expect(zip(try work.image("out.jpg").bytes, expected).allSatisfy { abs(Int($0) - $1) < 4 })
    }
    #expect(
      try work.vision("filter", "in.png", "-o", "out.jpg", "--background", "dark").status == 64)
  }

  @Test func warningsNameWhatIsLost() throws {
    var image = picture()
    image.metadata.colorDescription = ColorDescription(gamma: 45455)
    try work.write(image, to: "in.png")
    let outcome = try work.vision("filter", "in.png", "-o", "out.jpg")
    #expect(outcome.status == 0)
    #expect(outcome.error == "vision: in.png: warning: gAMA left out: JPEG cannot hold them\n")
  }

  /// A warning does not advise what was given.
  @Test func anUnfinishedFileIsReadLeniently() throws {
    let file = try picture().encoded()
    try work.write(Data(file.dropLast(12)), to: "in.png")
    let strict = try work.vision("filter", "--identity", "in.png", "-o", "out.png")
    #expect(strict.status == 1 && strict.error.contains("--lenient"))
    let outcome = try work.vision("filter", "--identity", "in.png", "-o", "out.png", "--lenient")
    #expect(
      outcome.status == 0 && !outcome.error.contains("--lenient")
        && !outcome.error.contains("0 rows"))
    #expect(try work.image("out.png").bytes == picture().bytes)
  }

  @Test func suggestedCommandsAreText() throws {
    try work.write(picture(), to: "$(touch PWNED).png")
    let outcome = try work.vision("$(touch PWNED).png")
    #expect(
      outcome.error.contains("'vision filter --sobel '$(touch PWNED).png''"), "\(outcome.error)")
  }
}
