import Foundation
import Images
import ModelFiles
import TestSupport
import Testing

/// `vision classify` with a classifier whose answers are known: red or blue.
struct ClassifyTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    try work.writeColorClassifier()
  }

  /// Runs `vision classify` with the classifier in the catalog.
  private func classify(_ arguments: String) throws -> Outcome {
    try work.shell("VISION_MODELS=models \"$VISION\" classify \(arguments)")
  }

  private func writePictures() throws {
    try work.write(flat([255, 0, 0]), to: "in/a-red.png")
    try work.write(flat([0, 0, 255], width: 64, height: 200), to: "in/sub/b-blue.jpg")
    try work.write(flat([0, 0, 255, 255], sample: .uint16), to: "in/sub/c-blue.png")
    try work.write(flat([200, 200, 200]), to: "in/z-gray.png")
  }

  @Test func aFolderAsATable() throws {
    try writePictures()
    let outcome = try classify("in --model colors")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        in/a-red.png       red    98.2 %
        in/sub/b-blue.jpg  blue   98.2 %
        in/sub/c-blue.png  blue   98.2 %
        in/z-gray.png      red    50.0 %

        """)
    #expect(outcome.error == "4 of 4 images classified\n")
  }

  @Test func furtherLabelsStandBehindTheFirst() throws {
    try writePictures()
    for top in [2, 50] {
      let outcome = try classify("in/a-red.png --model colors --top \(top)")
      #expect(outcome.output == "in/a-red.png  red    98.2 %  (blue 1.8 %)\n")
      #expect(outcome.error == "")
    }
  }

  @Test func jsonHoldsWhatTheTableShows() throws {
    try writePictures()
    let outcome = try classify(
      "in --model models/colors.safetensors --json --top 2 --threshold 0.9")
    let array = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [[String: Any]])
    #expect(
      array.map { $0["path"] as? String } == [
        "in/a-red.png", "in/sub/b-blue.jpg", "in/sub/c-blue.png", "in/z-gray.png",
      ])
    #expect(array.map { $0["label"] as? String } == ["red", "blue", "blue", "red"])
    #expect(array.map { $0["answer"] as? String } == ["red", "blue", "blue", "unknown"])
    #expect(array[3]["probability"] as? Double == 0.5)
    let probability = try #require(array[0]["probability"] as? Double)
    #expect(abs(probability - ColorClassifier.sureProbability) < 1e-5)
    let top = try #require(array[0]["top"] as? [[String: Any]])
    #expect(top.map { $0["label"] as? String } == ["red", "blue"])
    let second = try #require(top[1]["probability"] as? Double)
    #expect(abs(probability + second - 1) < 2e-6)
  }

  /// People see a name on one line, programs get the name.
  @Test func namesOfTwoLinesAreWholeInJSONAndCSV() throws {
    try work.write(flat([255, 0, 0]), to: "in/two\nlines.png")
    let table = try classify("in --model colors")
    #expect(table.output.hasPrefix(#"in/two\x0Alines.png  red"#))
    for command in ["info in --json", "classify in --model colors --json"] {
      let outcome = try work.shell("VISION_MODELS=models \"$VISION\" \(command)")
      let array = try #require(
        try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [[String: Any]])
      #expect((array[0]["path"] ?? array[0]["file"]) as? String == "in/two\nlines.png")
    }
    let csv = try classify("in --model colors --csv")
    #expect(csv.output.contains("\n\"in/two\nlines.png\",red,0.98"))
  }

  @Test func csvIsQuotedWhereItMustBe() throws {
    try work.write(flat([255, 0, 0]), to: "in/one, \"two\".png")
    try work.write(flat([90, 90, 90]), to: "in/plain.png")
    let outcome = try classify("in --model colors --csv --top 2 --threshold 0.6")
    #expect(
      outcome.lines[0] == "path,label,probability,group,group_probability,answer,answer_probability"
        + ",label_2,probability_2")
    #expect(outcome.lines[1].hasPrefix("\"in/one, \"\"two\"\".png\",red,0.982"))
    #expect(outcome.lines[2] == "in/plain.png,red,0.5,,,unknown,0.5,blue,0.5")
  }

  /// Patterns that no shell has replaced.
  @Test func patternsStandForWhatMatches() throws {
    try writePictures()
    let outcome = try classify("'in/*.png' 'in/sub/[bc]-*' 'in/x*' --model colors --csv")
    #expect(
      outcome.lines.dropFirst().map { $0.split(separator: ",")[0] } == [
        "in/a-red.png", "in/z-gray.png", "in/sub/b-blue.jpg", "in/sub/c-blue.png",
      ])
    #expect(outcome.status == 1)
    #expect(outcome.errorLines[0].hasPrefix("vision: in/x*: cannot open"))
    // What is there under the very name is no pattern.
    try work.write(flat([0, 0, 255]), to: "in/odd[1].png")
    #expect(try classify("'in/odd[1].png' --model colors").output.contains("blue"))
  }

  @Test func aThresholdTakesTheLabelAway() throws {
    try writePictures()
    let outcome = try classify("in/z-gray.png --model colors --threshold 0.6")
    #expect(outcome.output == "in/z-gray.png  unknown   50.0 %\n")
  }

  @Test func standardInput() throws {
    try work.write(flat([0, 0, 255]), to: "blue.png")
    let outcome = try classify("- --model colors --json < blue.png")
    #expect(outcome.output.hasPrefix(#"[\#n{"answer":"blue","answer_probability":0.98"#))
  }

  /// oneDNN computes nonsense in teams that are smaller than it was told.
  @Test(arguments: ["OMP_THREAD_LIMIT=1", "OMP_DYNAMIC=true"])
  func fewerThreadsThanCoresChangeNothing(environment: String) throws {
    for number in 0..<40 {
      try work.write(flat([UInt8(number * 6), 0, UInt8(255 - number * 6)]), to: "\(number).png")
    }
    let usual = try work.vision("classify", "--model", "models/colors.safetensors", "--csv", ".")
    let limited = try work.shell(
      "\(environment) $VISION classify --model models/colors.safetensors --csv --threads 2 .")
    #expect(usual.lines.count == 41)
    #expect(limited.output == usual.output)
  }

  @Test func manyPicturesKeepTheirOrder() throws {
    let (red, blue) = (try flat([255, 0, 0]).encoded(), try flat([0, 0, 255]).encoded())
    var expected = "path,label,probability,group,group_probability,answer,answer_probability\n"
    for number in 100..<400 {
      let isRed = number % 3 == 0
      try work.write(Data(isRed ? red : blue), to: "in/\(number).png")
      expected += "in/\(number).png,\(isRed ? "red" : "blue")\n"
    }
    for threads in [1, 3] {
      let outcome = try classify(
        "in --model colors --csv --threads \(threads) | sed 's/,0[.].*//'")
      #expect(outcome.output == expected)
    }
  }

  @Test func aSheetShowsThePictures() throws {
    try writePictures()
    for name in ["sheet.png", "in/sheet.jpg"] {
      #expect(try classify("in --model colors --sheet \(name)").status == 0)
      let sheet = try work.image(name)
      #expect(sheet.width > 500 && sheet.height > 250)
    }
    // The sheet of the last run lies among the pictures and is none of them.
    #expect(try classify("in --model colors --sheet in/sheet.jpg").lines.count == 4)
    let wrong = try classify("in --model colors --sheet models")
    #expect(wrong.status == 64 && wrong.output == "" && wrong.errorLines.count == 1)
    let foreign = try classify("in --model colors --sheet sheet.BMP")
    #expect(foreign.status == 64 && foreign.output == "")
    #expect(
      foreign.error.hasPrefix("vision: sheet.BMP: PNG, JPEG and WebP can be written; give a name"))
    let missing = try classify("in --model colors --sheet none/sheet.png")
    #expect(missing.status == 2 && missing.output == "")
    #expect(missing.error == "vision: none/sheet.png: there is no directory none\n")
  }

  // MARK: - Bad input

  @Test func theRestGoesOn() throws {
    try writePictures()
    let good = Array(try flat([255, 0, 0], width: 60, height: 60).encoded())
    try work.write(Data(good.prefix(good.count - 30)), to: "in/b-cut.png")
    // One called an image is named, one called otherwise passed over.
    try work.write("words", to: "in/sub/text.png")
    try work.write("words", to: "in/sub/text.txt")
    let outcome = try classify("in missing.jpg --model colors --csv")
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 5)
    #expect(outcome.errorLines.count == 4)
    #expect(outcome.errorLines[0].hasPrefix("vision: in/b-cut.png: "))
    #expect(
      outcome.errorLines[1]
        == "vision: in/sub/text.png: not a PNG, JPEG, WebP, GIF, BMP or TIFF image")
    #expect(outcome.errorLines[2].hasPrefix("vision: missing.jpg: cannot open"))
    #expect(outcome.errorLines[3] == "4 of 7 images classified")
  }

  @Test func whereThereIsNothingToClassify() throws {
    try FileManager.default.createDirectory(
      at: work.url("empty"), withIntermediateDirectories: true)
    try work.write("words", to: "texts/a.txt")
    for folder in ["empty", "texts"] {
      let outcome = try classify("\(folder) --model colors")
      #expect(outcome.status == 1)
      #expect(outcome.error == "vision: \(folder): no images that can be read\n")
      #expect(outcome.output == "")
    }
  }

  @Test func aDirectoryThatCannotBeSearched() throws {
    try writePictures()
    let outcome = try classify(
      "in/sub nowhere/ --model colors --csv; echo \"status $?\"")
    #expect(outcome.lines.last == "status 1")
    #expect(outcome.lines.count == 4)
    #expect(outcome.errorLines[0].hasPrefix("vision: nowhere/: "))
  }

  @Test(arguments: [
    ("--top 0", "--top 0: expected 1 or more"), ("--top many", "--top"),
    ("--threshold 2", "--threshold 2.0: expected a probability, 0 to 1"),
    ("--threshold=-0.1", "expected a probability"), ("--threshold nan", "expected a probability"),
    ("--threads 0", "--threads 0: must be between 1 and 1024"), ("--json --csv", "choose one"),
    ("--precision fp8", "--precision"), ("--sheet -", "--sheet writes a file"),
  ])
  func usage(option: String, message: String) throws {
    try writePictures()
    let outcome = try classify("in --model colors \(option)")
    #expect(outcome.status == 64)
    #expect(outcome.errorLines.count == 1 && outcome.output == "")
    #expect(outcome.error.contains(message), "\(outcome.error)")
  }

  @Test func modelsThatCannotBeUsed() throws {
    try writePictures()
    let bytes = try work.read("models/colors.safetensors")
    try work.write(bytes.prefix(bytes.count - 40), to: "cut.safetensors")
    try work.write("words", to: "text.safetensors")
    try ColorClassifier.file(classNames: []).write(to: work.url("generator.safetensors").path)
    try ColorClassifier.file(classNames: ["a", "b", "c"])
      .write(to: work.url("three.safetensors").path)
    var other = try ColorClassifier.file()
    other.tensors["dense1.bias"] = nil
    try other.write(to: work.url("other.safetensors").path)
    for (model, message) in [
      ("cut.safetensors", "cut short"), ("text.safetensors", "text.safetensors: "),
      ("generator.safetensors", "is not a classifier"),
      ("three.safetensors", "is not a classifier"),
      ("other.safetensors", "lacks the tensor dense1.bias"),
      ("missing.safetensors", "no such model file missing.safetensors"),
      ("nothing", "no such model nothing; bundled models: colors"),
    ] {
      let outcome = try classify("in --model \(model)")
      #expect(outcome.status == 2)
      #expect(outcome.errorLines.count == 1 && outcome.output == "")
      #expect(outcome.error.contains(message), "\(outcome.error)")
    }
    let none = try work.shell("VISION_MODELS=in \"$VISION\" classify in")
    #expect(none.status == 2)
    #expect(none.error.contains("no models were found in in"))
  }
}

/// A picture of one color; samples are of 8 bits, repeated for 16.
func flat(
  _ color: [UInt8], width: Int = 20, height: Int = 12, sample: SampleType = .uint8
) -> Image {
  let layout = PixelLayout(width: width, height: height, channels: color.count, sample: sample)
  let pixel = color.flatMap { Array(repeating: $0, count: sample.byteCount) }
  return Image(layout: layout, bytes: (0..<width * height).flatMap { _ in pixel })
}

extension Workspace {
  /// Puts the classifier of known answers into `models/`, as `colors`.
  func writeColorClassifier() throws {
    try FileManager.default.createDirectory(at: url("models"), withIntermediateDirectories: true)
    try ColorClassifier.file().write(to: url("models/colors.safetensors").path)
  }
}
