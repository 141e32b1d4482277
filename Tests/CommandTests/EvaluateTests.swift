import Foundation
import Images
import ModelFiles
import TestSupport
import Testing

/// `vision evaluate` with a classifier whose answers are known: red or blue.
struct EvaluateTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    try work.writeColorClassifier()
    for number in 0..<3 { try work.write(flat([255, 0, 0]), to: "data/red/\(number).png") }
    try work.write(flat([0, 0, 255]), to: "data/blue/0.jpg")
    // Wrongly sorted: the classifier says red.
    try work.write(flat([255, 0, 0, 255], sample: .uint16), to: "data/blue/1.png")
  }

  private func evaluate(_ arguments: String) throws -> Outcome {
    try work.shell("VISION_MODELS=models \"$VISION\" evaluate \(arguments)")
  }

  @Test func accuracyAndConfusionForPeople() throws {
    let outcome = try evaluate("--model colors data")
    #expect(outcome.status == 0 && outcome.error == "")
    let lines = outcome.lines
    #expect(lines[0].hasPrefix("accuracy 80.0 % of 5 images, loss "))
    #expect(
      lines.contains {
        $0.split(separator: " ") == ["red", "3", "75.0", "%", "100.0", "%", "85.7", "%"]
      })
    #expect(
      lines.contains {
        $0.split(separator: " ") == ["blue", "2", "100.0", "%", "50.0", "%", "66.7", "%"]
      }
    )
    #expect(lines.last?.contains("1 × blue predicted as red") == true)
  }

  @Test func theSameForPrograms() throws {
    let outcome = try evaluate("--model models/colors.safetensors data --json --batch 2")
    let report = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    #expect(report["accuracy"] as? Double == 0.8)
    #expect(report["images"] as? Int == 5)
    // In the order of the classifier's outputs: red, blue.
    #expect(report["confusion"] as? [[Int]] == [[3, 0], [1, 1]])
    // −ln p of the right class: four times of the sure answer, once of the other.
    let sure = ColorClassifier.sureProbability
    let loss = -(4 * log(sure) + log(1 - sure)) / 5
    let measured = try #require(report["loss"] as? Double)
    #expect(abs(measured - loss) < 0.01)
    let calibrationError = try #require(report["calibrationError"] as? Double)
    #expect(abs(calibrationError - (sure - 0.8)) < 0.01)
    let classes = try #require(report["classes"] as? [[String: Any]])
    #expect(classes.map { $0["name"] as? String } == ["red", "blue"])
    #expect(classes.map { $0["recall"] as? Double } == [1, 0.5])
  }

  @Test func damagedPicturesAreNamedAndDoNotCount() throws {
    let good = Array(try flat([255, 0, 0], width: 60, height: 60).encoded())
    try work.write(Data(good.prefix(good.count - 30)), to: "data/red/cut.png")
    let outcome = try evaluate("--model colors data --json")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("\"images\" : 5"))
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.error.hasPrefix("vision: data/red/cut.png: "))
  }

  @Test func aFileThatIsCalledAPictureFailsAndAllDamagedIsAnError() throws {
    try work.write("no picture", to: "data/red/z.png")
    let some = try evaluate("--model colors data")
    #expect(some.status == 1)
    #expect(
      some.error
        == "vision: data/red/z.png: not a PNG, JPEG, WebP, GIF, BMP or TIFF image; skipped\n")
    let good = Array(try flat([255, 0, 0], width: 60, height: 60).encoded())
    for name in ["red", "blue"] {
      try work.write(Data(good.prefix(good.count - 30)), to: "cut/\(name)/0.png")
    }
    let none = try evaluate("--model colors cut")
    #expect(none.status == 2 && none.output == "")
    #expect(none.errorLines.count == 3)
    #expect(none.errorLines.last == "vision: cut: none of the 2 images can be read")
  }

  @Test func whatDoesNotFitIsRefused() throws {
    try work.write(flat([0, 255, 0]), to: "other/green/0.png")
    try work.write(flat([0, 255, 0]), to: "other/red/0.png")
    let bytes = try work.read("models/colors.safetensors")
    try work.write(bytes.prefix(bytes.count - 40), to: "cut.safetensors")
    for (arguments, message) in [
      ("--model colors other", "class green is unknown; known: red, blue"),
      ("--model colors none", "none: No such file or directory"),
      ("--model cut.safetensors data", "cut.safetensors: the file is cut short"),
      ("--model nothing data", "no such model nothing; bundled models: colors"),
    ] {
      let outcome = try evaluate(arguments)
      #expect(outcome.status == 2)
      #expect(outcome.output == "" && outcome.errorLines.count == 1)
      #expect(outcome.error.contains(message), "\(outcome.error)")
    }
    let usage = try evaluate("--model colors data --batch 0")
    #expect(usage.status == 64 && usage.error.contains("--batch 0: must be between 1 and 4096"))
  }
}
