import Foundation
import Images
import Testing

/// Where results go, and what is never replaced.
struct FilterOutputTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func theResultStandsBesideTheInput() throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision("filter", "--sobel", "in.png")
    #expect(outcome.status == 0)
    #expect(outcome.output == "in.sobel.png\n")
    #expect(outcome.error == "")
    #expect(try work.files() == ["in.png", "in.sobel.png"])
    #expect(try work.image("in.sobel.png").layout == picture().layout)
  }

  @Test func theNameJoinsTheFiltersAndKeepsTheFormatAndTheEnding() throws {
    try work.write(picture(), to: "photo.jpg")
    try FileManager.default.moveItem(at: work.url("photo.jpg"), to: work.url("photo.JPEG"))
    try work.vision("filter", "--gaussian", "1.4", "--sobel", "photo.JPEG")
    let output = try work.read("photo.gaussian-sobel.JPEG")
    #expect(ImageFormat(sniffing: output) == .jpeg)
  }

  @Test func theFormatIsToldByTheBytesNotTheName() throws {
    try work.write(picture(), to: "picture.png")
    try FileManager.default.moveItem(at: work.url("picture.png"), to: work.url("picture.jpg"))
    let outcome = try work.vision("filter", "--blur", "picture.jpg")
    #expect(outcome.output == "picture.blur.png\n")
    #expect(ImageFormat(sniffing: try work.read("picture.blur.png")) == .png)
  }

  @Test func formatOptionAndOutputNameChooseTheFormat() throws {
    try work.write(picture(), to: "in.png")
    #expect(
      try work.vision("filter", "--blur", "--format", "jpeg", "in.png").output == "in.blur.jpg\n")
    #expect(ImageFormat(sniffing: try work.read("in.blur.jpg")) == .jpeg)
    try work.vision("filter", "--blur", "in.png", "-o", "out.jpg")
    #expect(ImageFormat(sniffing: try work.read("out.jpg")) == .jpeg)
    try work.vision("filter", "in.png", "--format", "jpeg", "-o", "plain.jpg")
    #expect(ImageFormat(sniffing: try work.read("plain.jpg")) == .jpeg)
  }

  @Test func qualityAndSubsamplingChangeTheFile() throws {
    try work.write(picture(width: 64, height: 64), to: "in.png")
    try work.vision("filter", "--blur", "in.png", "-o", "low.jpg", "--quality", "10")
    try work.vision("filter", "--blur", "in.png", "-o", "high.jpg", "--quality", "95")
    try work.vision(
      "filter", "--blur", "in.png", "-o", "full.jpg", "--quality", "95", "--subsampling", "444")
    #expect(try work.read("low.jpg").count < work.read("high.jpg").count)
    #expect(try work.read("high.jpg").count < work.read("full.jpg").count)
  }

  @Test func anExistingOutputIsReplacedAndKeepsItsMode() throws {
    try work.write(picture(), to: "in.png")
    try work.write("old", to: "out.png")
    _ = try work.shell("chmod 640 out.png")
    #expect(try work.vision("filter", "--sobel", "in.png", "-o", "out.png").status == 0)
    #expect(ImageFormat(sniffing: try work.read("out.png")) == .png)
    #expect(try work.shell("stat -c %a out.png").output == "640\n")
  }

  @Test func anOutputLinkStaysALink() throws {
    try work.write(picture(), to: "in.png")
    try work.write("old", to: "real.png")
    _ = try work.shell("ln -s real.png link.png")
    #expect(try work.vision("filter", "--sobel", "in.png", "-o", "link.png").status == 0)
    #expect(try work.shell("readlink link.png").output == "real.png\n")
    #expect(ImageFormat(sniffing: try work.read("real.png")) == .png)
  }

  @Test(arguments: ["in.png", "./in.png", "soft.png", "hard.png"])
  func anInputIsNeverReplaced(output: String) throws {
    try work.write(picture(), to: "in.png")
    _ = try work.shell("ln -s in.png soft.png; ln in.png hard.png")
    let before = try work.read("in.png")
    let outcome = try work.vision("filter", "--sobel", "in.png", "-o", output)
    #expect(outcome.status == 1)
    #expect(
      outcome.error
        == "vision: in.png: its result would replace an input, \(output); use another -o or --in-place\n"
    )
    #expect(try work.read("in.png") == before)
  }

  @Test func aDirectoryIsNotItsOwnOutput() throws {
    try work.write(picture(), to: "in/a.png")
    let outcome = try work.vision("filter", "--sobel", "in", "-o", "in/")
    #expect(outcome.status == 1)
    #expect(
      outcome.error.hasPrefix("vision: in/a.png: its result would replace an input, in/a.png;"))
    #expect(try work.image("in/a.png").bytes == picture().bytes)
  }

  @Test func aResultThatIsAnotherInputIsRefused() throws {
    try work.write(picture(), to: "a.png")
    try work.write(picture(seed: 3), to: "a.sobel.png")
    let before = try work.read("a.sobel.png")
    let outcome = try work.vision("filter", "--sobel", "a.png", "a.sobel.png")
    #expect(outcome.status == 1)
    #expect(outcome.output == "a.sobel.sobel.png\n")
    #expect(outcome.errorLines.count == 2)
    #expect(try work.read("a.sobel.png") == before)
  }

  @Test func inPlaceReplacesTheInputAlsoThroughALink() throws {
    try work.write(picture(), to: "in.png")
    _ = try work.shell("ln -s in.png link.png")
    try work.vision("filter", "--sobel", "in.png", "-o", "expected.png")
    let outcome = try work.vision("filter", "--sobel", "--in-place", "link.png")
    #expect(outcome.status == 0)
    #expect(try work.read("in.png") == work.read("expected.png"))
    #expect(try work.shell("readlink link.png").output == "in.png\n")
  }

  @Test func standardInputGoesToStandardOutput() throws {
    try work.write(picture(), to: "in.png")
    try work.vision("filter", "--sobel", "in.png")
    let outcome = try work.vision("filter", "--sobel", "-", input: try work.read("in.png"))
    #expect(outcome.status == 0)
    #expect(outcome.outputBytes == (try work.read("in.sobel.png")))
    let piped = try work.shell(
      "cat in.png | $VISION filter --sobel - | $VISION filter --blur - -o out.png")
    #expect(piped.status == 0)
    #expect(piped.output == "out.png\n")
  }

  @Test func aFileGoesToStandardOutput() throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision("filter", "--identity", "in.png", "-o", "-")
    #expect(try Image(fileBytes: Array(outcome.outputBytes)).bytes == picture().bytes)
  }

  @Test func directoriesAreSearchedAndTheirPathsKept() throws {
    try work.write(picture(), to: "in/a.png")
    try work.write(picture(), to: "in/deep/er/b.jpg")
    try work.write("no image", to: "in/readme.txt")
    try work.write("hidden", to: "in/.hidden.png")
    let outcome = try work.vision("filter", "--sobel", "in", "-o", "out/")
    #expect(outcome.status == 0)
    #expect(outcome.lines == ["out/a.png", "out/deep/er/b.jpg"])
    #expect(outcome.error == "2 of 2 images filtered\n")
    #expect(work.exists("out/deep/er/b.jpg"))
  }

  @Test func theSameNameFromTwoDirectoriesStaysTwoFiles() throws {
    try work.write(picture(), to: "a/x.png")
    try work.write(picture(), to: "b/x.png")
    let files = try work.vision("filter", "--sobel", "a/x.png", "b/x.png", "-o", "out/")
    #expect(files.lines == ["out/a/x.png", "out/b/x.png"])
    let one = try work.vision("filter", "--sobel", "a/x.png", "-o", "out/")
    #expect(one.lines == ["out/x.png"])
  }

  @Test func linksThatLoopEnd() throws {
    try work.write(picture(), to: "in/a.png")
    _ = try work.shell("cd in && mkdir sub && ln -s .. sub/up && ln -s . here")
    let outcome = try work.vision("filter", "--sobel", "in", "-o", "out/")
    #expect(outcome.status == 0)
    #expect(outcome.lines == ["out/a.png"])
  }

  @Test func runningAgainDoesNotFilterTheResults() throws {
    try work.write(picture(), to: "in/a.png")
    try work.vision("filter", "--sobel", "in")
    let again = try work.vision("filter", "--sobel", "in")
    #expect(again.output == "in/a.sobel.png\n")
    #expect(again.error == "skipped 1 result of an earlier run\n")
    let intoInput = try work.vision("filter", "--blur", "in", "-o", "in/out/")
    #expect(intoInput.lines == ["in/out/a.png", "in/out/a.sobel.png"])
    #expect(try work.vision("filter", "--blur", "in", "-o", "in/out/").lines == intoInput.lines)
  }

  @Test func twoResultsOfOneNameAreRefused() throws {
    try work.write(picture(), to: "a.png")
    try work.write(picture(), to: "a.jpg")
    let outcome = try work.vision("filter", "--sobel", "--format", "png", "a.png", "a.jpg")
    #expect(outcome.status == 1)
    #expect(outcome.lines == ["a.sobel.png"])
    #expect(
      outcome.errorLines.first
        == "vision: a.jpg: its result would replace that of a.png, a.sobel.png; use -o DIR/")
  }

  @Test func namesOfAnyBytesWork() throws {
    try work.write(picture(), to: "in.png")
    let names = ["with space.png", "new\nline.png", "-dash.png", "ünïcode.png"]
    for name in names { try work.write(picture(), to: "in/" + name) }
    _ = try work.shell(#"cp in.png "in/$(printf 'latin1-\351.png')""#)
    let outcome = try work.vision("filter", "--sobel", "in", "-o", "out/")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains(#"out/new\x0Aline.png"#))
    #expect(outcome.lines.contains(#"out/latin1-\xE9.png"#))
    #expect(try work.shell(#"ls "out/$(printf 'latin1-\351.png')""#).status == 0)
    let named = try work.shell(#"$VISION filter --sobel "in/$(printf 'latin1-\351.png')""#)
    #expect(named.status == 0)
    #expect(try work.shell(#"ls "in/$(printf 'latin1-\351.sobel.png')""#).status == 0)
    #expect(try work.shell("cd in && $VISION filter --sobel -- -dash.png").status == 0)
  }

  @Test func manyJobsGiveTheSameBytes() throws {
    for index in 0..<7 {
      try work.write(picture(width: 40, height: 30, seed: index), to: "in/\(index).png")
    }
    try work.vision("filter", "--gaussian", "2", "--sobel", "in", "-o", "one/", "--jobs", "1")
    let many = try work.vision(
      "filter", "--gaussian", "2", "--sobel", "in", "-o", "many/", "-j", "4")
    #expect(many.lines == (0..<7).map { "many/\($0).png" })
    for index in 0..<7 {
      #expect(try work.read("one/\(index).png") == work.read("many/\(index).png"))
    }
  }

  /// Masks, kernels and elements are inputs, too, also through links; what lies beside a result is a result.
  @Test(arguments: [
    ("--sobel --mask mask.png in.png -o mask.png", "mask.png"),
    ("--sobel --mask mask.png in.png -o link.png", "mask.png"),
    ("--sobel --mask out/in.png in.png -o out/ --overwrite", "out/in.png"),
    ("--kernel @kernel.txt in.png -o kernel.txt --format png", "kernel.txt"),
    ("--erode --element @kernel.txt in.png -o kernel.txt --format png", "kernel.txt"),
    ("--sobel --histogram in.png", "in.sobel.histogram.png"),
    ("--gray --mask in.histogram.png --histogram in.png --in-place", "in.histogram.png"),
  ])
  func whatIsReadIsNotReplaced(arguments: String, kept: String) throws {
    try work.write(picture(), to: "in.png")
    let others = ["mask.png", "out/in.png", "in.sobel.histogram.png", "in.histogram.png"]
    for name in others { try work.write(picture(seed: 2), to: name) }
    try work.write("1 1 1\n", to: "kernel.txt")
    _ = try work.shell("ln -s mask.png link.png")
    let before = try work.read(kept)
    let outcome = try work.vision(
      arguments: ["filter"] + arguments.split(separator: " ").map { "\($0)" })
    #expect(outcome.status == 1 && outcome.error.contains("its result would replace "))
    #expect(try work.read(kept) == before)
  }
}
