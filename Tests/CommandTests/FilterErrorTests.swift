import Foundation
import Images
import Testing

/// Bad input and bad usage: one line each, and the exit code tells.
struct FilterErrorTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func oneBadFileDoesNotStopTheRest() throws {
    try work.write(picture(), to: "a.png")
    try work.write(Data(Array(try picture().encoded()).prefix(60)), to: "b.png")
    try work.write(picture(), to: "c.png")
    let outcome = try work.vision("filter", "--sobel", "a.png", "b.png", "c.png", "missing.png")
    #expect(outcome.status == 1)
    #expect(outcome.lines == ["a.sobel.png", "c.sobel.png"])
    #expect(outcome.errorLines.count == 3)
    #expect(outcome.errorLines[0].hasPrefix("vision: b.png: truncated: "))
    #expect(outcome.errorLines[1] == "vision: missing.png: cannot open: No such file or directory")
    #expect(outcome.errorLines[2] == "2 of 4 images filtered")
    #expect(try work.files() == ["a.png", "a.sobel.png", "b.png", "c.png", "c.sobel.png"])
  }

  @Test func lenientTakesWhatIsThere() throws {
    let bytes = try picture(width: 60, height: 60).encoded()
    try work.write(Data(bytes.prefix(bytes.count * 2 / 3)), to: "cut.png")
    #expect(try work.vision("filter", "--identity", "cut.png").status == 1)
    let lenient = try work.vision("filter", "--identity", "--lenient", "cut.png")
    #expect(lenient.status == 0)
    #expect(lenient.errorLines.allSatisfy { $0.hasPrefix("vision: cut.png: warning: ") })
    #expect(!lenient.errorLines.isEmpty)
    #expect(try work.image("cut.identity.png").layout.height == 60)
  }

  @Test(arguments: [
    ("text", "words", "not a PNG, JPEG, WebP, GIF, BMP or TIFF image"),
    ("empty", "", "damaged: the file is empty"),
    ("drawing", "<svg/>", "SVG is not read here; save or export the image as JPEG or PNG"),
  ])
  func whatIsNoImageIsNamed(name: String, contents: String, reason: String) throws {
    try work.write(contents, to: name)
    let outcome = try work.vision("filter", "--sobel", name)
    #expect(outcome.status == 1)
    #expect(outcome.error == "vision: \(name): \(reason)\n")
  }

  @Test func limitsAreCheckedAndCanBeRaised() throws {
    try work.write(picture(width: 100, height: 20), to: "in.png")
    let outcome = try work.vision("filter", "--sobel", "--max-pixels", "1k", "in.png")
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("--max-pixels"))
    #expect(try work.vision("filter", "--sobel", "--max-pixels", "2k", "in.png").status == 0)
  }

  @Test func aWindowThatDoesNotFitIsRefused() throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision("filter", "--box", "11", "--padding", "valid", "in.png")
    #expect(outcome.status == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.error.contains("11 × 11"))
  }

  @Test func anEmptyDirectoryIsSaid() throws {
    try work.write("text", to: "empty/readme.txt")
    let outcome = try work.vision("filter", "--sobel", "empty")
    #expect(outcome.status == 1)
    #expect(outcome.error == "vision: empty: no images that can be read\n")
  }

  @Test func anOutputThatCannotBeWrittenIsSaid() throws {
    try work.write(picture(), to: "in.png")
    let missing = try work.vision("filter", "--sobel", "in.png", "-o", "no/such/out.png")
    #expect(missing.status == 1)
    #expect(
      missing.error
        == "vision: in.png: directory no/such does not exist; create it or choose another -o\n")
    let kernel = try work.vision("filter", "--sobel", "in.png", "-o", "/proc/out.png")
    #expect(kernel.status == 1 && kernel.error.contains("its result /proc/out.png: "))
    let below = try work.vision("filter", "--sobel", "in.png", "-o", "in.png/")
    #expect(below.status == 2)
    #expect(below.errorLines.count == 1)
    let full = try work.shell("$VISION filter --sobel in.png -o - > /dev/full")
    #expect(full.status == 1)
    #expect(full.error == "vision: in.png: cannot write: No space left on device\n")
    let results = try work.shell("$VISION filter --sobel in.png > /dev/full")
    #expect(results.status == 2)
  }

  /// A closed stream's number must not become that of a file: messages would end up in there.
  @Test func closedStreamsGetIntoNoFile() throws {
    let image = picture(width: 400, height: 400)
    for index in 0..<12 {
      try work.write(image, to: "in/\(index).png")
      try work.write(Data(image.encoded().prefix(3000)), to: "in/\(index)-cut.png")
    }
    for streams in ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
      let status = try work.shell("$VISION filter --gaussian 2 in -o out/ --jobs 4 \(streams)")
        .status
      #expect(status == (streams == "2>&-" ? 1 : 2))
      for file in try work.files() where file.hasPrefix("out/") {
        #expect(throws: Never.self, "\(file) \(streams)") { try work.image(file) }
      }
    }
  }

  /// What the kernel sends when a mapped model file is cut short, sent while the command waits for its
  /// input.
  @Test func aFileCutShortInUseIsSaid() throws {
    let outcome = try work.shell(
      "mkfifo in.png; $VISION filter --sobel in.png & exec 3>in.png; kill -BUS $!; wait $!")
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "vision: a model file was truncated or became unreadable while in use\n"
    )
  }

  @Test func aFileTooLargeForTheLimitIsSaid() throws {
    try work.write(picture(width: 400, height: 400), to: "in.png")
    let outcome = try work.shell("ulimit -f 8; $VISION filter --sobel in.png")
    #expect(outcome.status == 1)
    #expect(outcome.error == "vision: in.png: cannot write: File too large\n")
    #expect(try work.files() == ["in.png"])
  }

  @Test(arguments: [
    (["--sobell", "in.png"], "Unknown option '--sobell'. Did you mean '--sobel'?"),
    (["--gausian", "2", "in.png"], "Unknown option '--gausian'. Did you mean '--gaussian'?"),
    (
      ["--sobel", "--diretion", "x", "in.png"],
      "Unknown option '--diretion'. Did you mean '--direction'?"
    ),
    (
      ["--sobel", "--qualty", "3", "in.png"], "Unknown option '--qualty'. Did you mean '--quality'?"
    ),
    (
      ["--direction", "x", "--sobel", "in.png"],
      "--direction must follow the filter it applies to, for example --sobel --direction x"
    ),
    (["in.png", "--box"], "--box needs a value: --box N"),
    (["--box", "0", "in.png"], "--box: box size 0: give a whole number from 1 to 65535"),
    (["--sobel=3", "in.png"], "--sobel takes no value"),
    (
      ["--sobel", "--direction", "up", "in.png"],
      "--direction: invalid value \"up\"; expected x, y, magnitude or angle"
    ),
    (
      ["--sobel", "--stride", "0", "in.png"],
      "--stride: \"0\" is not a whole number from 1 to 65535"
    ),
    (
      ["--sobel", "--bias", "nan", "in.png"],
      "--bias: \"nan\" is not a number; give it as 1, -0.5 or 1/9"
    ),
    (["--sobel"], "no input: name images, directories, or - for standard input"),
    (["in.png"], "no filter: name one, as in --sobel; --list shows them all"),
    (
      ["--sobel", "in.png", "in2.png", "-o", "x"],
      "-o x: many images need a directory; write -o x/ to make one"
    ),
    (["--sobel", "in.png", "--in-place", "-o", "x"], "--in-place and -o exclude each other"),
    (["--sobel", "in.png", "--quality", "0"], "--quality 0: give a number from 1 to 100"),
    (["--sobel", "in.png", "--jobs", "0"], "--jobs 0: give a number from 1 to 1024"),
    (["--sobel", "-", "in.png"], "only one image goes to standard output; give -o a directory"),
  ])
  func badUsageIsOneLineAndExits64(arguments: [String], message: String) throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision(arguments: ["filter"] + arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.error == "vision: \(message); see 'vision filter --help'\n")
    #expect(try work.files() == ["in.png"])
  }
}
