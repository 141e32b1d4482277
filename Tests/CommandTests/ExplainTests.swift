import Foundation
import Images
import ModelFiles
import TestSupport
import Testing

/// `vision explain` and `vision models`.
struct ExplainTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    try work.writeColorClassifier()
    // Left red, right blue.
    try work.write(
      Image(
        layout: PixelLayout(width: 80, height: 40, channels: 3),
        bytes: (0..<3200).flatMap { $0 % 80 < 40 ? [255, 0, 0] as [UInt8] : [0, 0, 255] }),
      to: "halves.png")
  }

  private func vision(_ arguments: String) throws -> Outcome {
    try work.shell("VISION_MODELS=models \"$VISION\" \(arguments)")
  }

  @Test func everythingIsWrittenAndSaid() throws {
    let outcome = try vision("explain halves.png --model colors -o out/")
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(
      try work.files().filter { $0.hasPrefix("out/") } == [
        "out/explanation.json", "out/feature-maps/1-conv1.png", "out/filters.png",
        "out/grad-cam.png", "out/predictions.png",
      ])
    for file in ["out/grad-cam.png", "out/predictions.png", "out/filters.png", "out/feature-maps/"]
    {
      #expect(outcome.lines.contains { $0.hasPrefix(file + " ") })
    }
    #expect(outcome.lines.contains("red    50.0 %"))
  }

  /// Where the picture speaks for red is its left half, for blue its right.
  @Test(arguments: [("red", true), ("blue", false)])
  func theMapIsWarmOnTheRightSide(label: String, isLeft: Bool) throws {
    #expect(
      try vision("explain halves.png --model colors --class \(label) -o out").status == 0)
    let map = try work.image("out/grad-cam.png")
    let bytes = map.bytes
    // Neither red nor blue has green: what is green is the heat.
    func heat(_ columns: Range<Int>) -> Int {
      (0..<map.height).reduce(0) { sum, y in
        columns.reduce(sum) { $0 + Int(bytes[(y * map.width + $1) * 3 + 1]) }
      }
    }
    let middle = map.width / 2
    let (left, right) = (heat(0..<middle), heat(middle..<map.width))
    #expect((left > right) == isLeft)
  }

  /// The map has the size and shape of the image; what the network did not see is dark and gray.
  @Test func theMapIsAsLargeAsTheImage() throws {
    try work.write(flat([250, 0, 0], width: 600, height: 300), to: "wide.png")
    #expect(try vision("explain wide.png --model colors -o out").status == 0)
    let map = try work.image("out/grad-cam.png")
    #expect(map.width == 600 && map.height == 300)
    let bytes = map.bytes
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
      Array(bytes[(y * 600 + x) * 3..<(y * 600 + x) * 3 + 3])
    }
    // Luma 75 of the red, halved, left and right of the square in the middle.
    for x in [0, 149, 450, 599] { #expect(pixel(x, 150) == [37, 37, 37]) }
    for x in [151, 300, 448] { #expect(pixel(x, 150) != [37, 37, 37]) }
  }

  /// Files of an earlier run, which its list names, are gone; others stay.
  @Test func aFolderShowsOneModel() throws {
    let list = """
      {"model": "other", "files": ["filters.png", "feature-maps/3-conv9.png", "../halves.png", \
      "notes.txt", "/tmp/x.png"]}
      """
    try work.write(list, to: "out/explanation.json")
    try work.write("old", to: "out/feature-maps/3-conv9.png")
    try work.write("mine", to: "out/feature-maps/mine.png")
    try work.write("mine", to: "out/notes.txt")
    let outcome = try vision("explain halves.png --model colors -o out")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(!work.exists("out/feature-maps/3-conv9.png"))
    for name in ["out/feature-maps/mine.png", "out/notes.txt", "halves.png", "out/filters.png"] {
      #expect(work.exists(name), "\(name)")
    }
  }

  /// In a black image no place speaks for red.
  @Test func aMapOfZerosIsSaidToBeOne() throws {
    try work.write(flat([0, 0, 0]), to: "black.png")
    let outcome = try vision("explain black.png --model colors --class red -o out")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("nothing speaks for red"), "\(outcome.output)")
  }

  @Test func jsonTellsWhatLiesWhere() throws {
    let outcome = try vision("explain halves.png --model colors --json -o out")
    let object = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    #expect(object["class"] as? String == "red")
    #expect(object["layer"] as? String == "conv1")
    #expect((object["predictions"] as? [Any])?.count == 2)
    let files = try #require(object["files"] as? [[String: String]])
    for file in files { #expect(work.exists(try #require(file["path"]))) }
  }

  @Test func kernelsNeedNoPicture() throws {
    let outcome = try vision("explain --filters --model colors -o kernels")
    #expect(outcome.status == 0)
    #expect(
      try work.files().filter { $0.hasPrefix("kernels/") } == [
        "kernels/explanation.json", "kernels/filters.png",
      ])
  }

  @Test(arguments: [
    ("-o out", 64, "missing image"), ("halves.png", 64, "--output"),
    ("halves.png --filters -o out", 64, "--filters takes no image"),
    ("halves.png --class green -o out", 64, "the model has no class green; it has red, blue"),
    ("halves.png --layer dense1 -o out", 64, "no layer dense1"),
    ("models -o out", 64, "is a directory"), ("missing.png -o out", 1, "cannot open"),
    ("models/colors.safetensors -o out", 1, "not a PNG, JPEG, WebP, GIF, BMP or TIFF image"),
    ("halves.png -o halves.png", 2, "a file of that name exists; choose another directory"),
  ])
  func usage(arguments: String, status: Int32, message: String) throws {
    let outcome = try vision("explain --model colors \(arguments)")
    #expect(outcome.status == status)
    #expect(outcome.errorLines.count == 1 && outcome.output == "")
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(try !work.files().contains { $0.hasPrefix("out/") })
  }
}

/// `vision models`.
struct ModelsTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func whatShipsIsListed() throws {
    try work.writeColorClassifier()
    let outcome = try work.shell("VISION_MODELS=models \"$VISION\" models")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        NAME      SIZE  INPUT  CLASSES  ACCURACY  DESCRIPTION
        colors  0.0 MB  8×8×3        2    98.8 %  tells red from blue

        """)
    let json = try work.shell("VISION_MODELS=models \"$VISION\" models --json")
    let array = try #require(
      try JSONSerialization.jsonObject(with: json.outputBytes) as? [[String: Any]])
    #expect(array.map { $0["name"] as? String } == ["colors"])
    #expect(array[0]["path"] as? String == "models/colors.safetensors")
    #expect((array[0]["card"] as? [String: Any])?["classNames"] as? [String] == ["red", "blue"])
  }

  @Test func anEmptyCatalogIsSaid() throws {
    try FileManager.default.createDirectory(at: work.url("none"), withIntermediateDirectories: true)
    let outcome = try work.shell("VISION_MODELS=none \"$VISION\" models --json")
    #expect(outcome.status == 0)
    #expect(outcome.output == "[]\n")
    #expect(outcome.error.hasPrefix("vision: no models found in none; train one with "))
  }

  /// What a card holds can neither move the cursor nor begin a line of its own.
  @Test func controlCharactersAreShown() throws {
    var model = try ColorClassifier.file()
    model.card.summary = "red\u{1B}[2J\nblue"
    model.card.classNames = ["re\u{7}d", "blue"]
    try FileManager.default.createDirectory(
      at: work.url("models"), withIntermediateDirectories: true)
    try model.write(to: work.url("models/colors.safetensors").path)
    for command in ["models", "summary colors"] {
      let outcome = try work.shell("VISION_MODELS=models \"$VISION\" \(command)")
      #expect(outcome.status == 0)
      #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("\u{7}"))
      #expect(outcome.output.contains("red\\x1B[2J\\x0Ablue"), "\(outcome.output)")
    }
  }

  @Test func aDamagedModelIsNamed() throws {
    try work.writeColorClassifier()
    try work.write("words", to: "models/broken.safetensors")
    let outcome = try work.shell("VISION_MODELS=models \"$VISION\" models")
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 2)
    #expect(outcome.error.hasPrefix("vision: models/broken.safetensors: "))
  }
}
