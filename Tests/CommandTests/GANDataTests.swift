import Foundation
import Images
import Testing

/// What `vision gan` says of pictures that cannot be read, and before it does work for nothing.
@Suite struct GANDataTests {
  private static let train = [
    "gan", "train", "pictures", "-o", "run", "--epochs", "1", "--size", "32", "--width", "4",
    "--batch", "2", "--features", "none", "--threads", "1",
  ]

  /// Writes the beginning of a picture's file.
  private func writeCut(_ name: String, into workspace: Workspace) throws {
    let bytes = try picture(width: 40, height: 40).encoded()
    try workspace.write(Data(bytes.prefix(100)), to: "pictures/\(name).png")
  }

  @Test func trainingNamesEachDamagedPictureOnceAndGoesOn() throws {
    let workspace = try Workspace()
    try writePictures(5, into: workspace)
    try writeCut("a-cut", into: workspace)
    try writeCut("b-cut", into: workspace)
    let outcome = try workspace.vision(arguments: Self.train + ["--epochs", "3"])
    #expect(outcome.status == 1, "\(outcome.error)")
    for name in ["a-cut", "b-cut"] {
      let lines = outcome.errorLines.filter { $0.contains(name) }
      #expect(lines.count == 1)
      #expect(lines.first?.hasPrefix("vision: pictures/\(name).png: truncated: ") == true)
      #expect(lines.first?.hasSuffix("; skipped") == true)
    }
    #expect(workspace.exists("run/best.safetensors"))
  }

  @Test func trainingEndsWhereNoPictureCanBeRead() throws {
    let workspace = try Workspace()
    for name in ["1", "2", "3"] { try writeCut(name, into: workspace) }
    let outcome = try workspace.vision(arguments: Self.train)
    #expect(outcome.status == 2 && outcome.errorLines.count == 4)
    for (line, name) in zip(outcome.errorLines, ["1", "2", "3"]) {
      #expect(line.hasPrefix("vision: pictures/\(name).png: truncated: "), "\(line)")
    }
    #expect(
      outcome.errorLines.last == "vision: pictures: none of the 3 images can be read")
    #expect(!workspace.exists("run"))
  }

  @Test func theCardIsReadBeforeAnythingIsMade() throws {
    let workspace = try Workspace()
    try writePictures(4, into: workspace)
    let outcome = try workspace.vision(arguments: Self.train + ["--card", "none.json"])
    #expect(outcome.status == 2 && outcome.errorLines.count == 1)
    #expect(outcome.error.hasPrefix("vision: --card none.json: "), "\(outcome.error)")
    #expect(!workspace.exists("run"))
  }

  @Test func goesOnInTheWordsOfTrain() throws {
    let workspace = try Workspace()
    try writePictures(4, into: workspace)
    #expect(try workspace.vision(arguments: Self.train).status == 0)
    let again = try workspace.vision(arguments: Self.train)
    #expect(again.status == 0)
    #expect(again.errorLines.contains("resuming after epoch 1, step 0"), "\(again.error)")
  }

  @Test func evaluateNamesDamagedPicturesAndFails() throws {
    let workspace = try generatorWorkspace()
    try writePictures(40, into: workspace)
    // One among those that are measured against, one among the others.
    try writeCut("16-cut", into: workspace)
    try workspace.write("no picture", to: "pictures/z.jpg")
    try writeCut("00-cut", into: workspace)
    let evaluate = [
      "gan", "evaluate", "pictures", "--model", "tiny.safetensors", "-n", "20",
    ]
    for options in [[], ["--neighbors", "near.jpg"], ["--all"]] {
      let outcome = try workspace.vision(arguments: evaluate + options)
      #expect(outcome.status == 1)
      #expect(outcome.errorLines.count == 3, "\(outcome.error)")
      #expect(
        outcome.errorLines.first
          == "vision: pictures/z.jpg: not a PNG, JPEG, WebP, GIF, BMP or TIFF image; skipped")
      for name in ["00-cut", "16-cut"] {
        let start = "vision: pictures/\(name).png: truncated: "
        #expect(outcome.errorLines.count { $0.hasPrefix(start) } == 1, "\(outcome.error)")
      }
      // For people, a digit or three.
      let hasFloor = options != ["--all"]
      let numbers = outcome.output.matches(of: /\d+\.\d+/).map { "\($0.output)" }
      #expect(numbers.count == (hasFloor ? 4 : 3), "\(outcome.output)")
      #expect(
        numbers.allSatisfy { $0.wholeMatch(of: /\d+\.\d(\d\d)?/) != nil }, "\(numbers)")
    }
    #expect(Array(try workspace.read("near.jpg").prefix(2)) == [0xFF, 0xD8])
  }

  @Test func evaluateEndsWhereNoPictureCanBeRead() throws {
    let workspace = try generatorWorkspace()
    for name in ["1", "2", "3"] { try writeCut(name, into: workspace) }
    let outcome = try workspace.vision(
      "gan", "evaluate", "pictures", "--model", "tiny.safetensors")
    #expect(outcome.status == 2 && outcome.output == "" && outcome.errorLines.count == 4)
    #expect(
      outcome.errorLines.last == "vision: pictures: none of the 3 images can be read")
  }

  @Test func evaluateLooksBeforehandWhereThePictureShallGo() throws {
    let workspace = try generatorWorkspace()
    // The data does not exist either: it comes later.
    let outcome = try workspace.vision(
      "gan", "evaluate", "none", "--model", "tiny.safetensors", "--neighbors", "nosuch/x.png")
    #expect(outcome.status == 2)
    #expect(outcome.error == "vision: nosuch/x.png: there is no directory nosuch\n")
  }
}
