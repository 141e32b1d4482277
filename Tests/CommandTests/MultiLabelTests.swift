import Foundation
import Images
import Testing

/// `vision train --multi-label`, and what is done with what it made, with the real binary and shapes that may
/// be red and may be round.
struct MultiLabelTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  private static let count = 120
  /// What image of a number shows.
  private static func isRed(_ number: Int) -> Bool { number * 7 % 13 < 6 }
  private static func isRound(_ number: Int) -> Bool { number * 5 % 9 < 4 }

  /// A network and a recipe that take a moment.
  private static let small =
    "--network small-cnn --size 20 --batch 12 --threads 1 --seed 3 --augment none --optimizer adam "
    + "--learning-rate 0.003"

  /// A disc or a square, red or blue, somewhere on gray.
  private static func shape(_ number: Int) -> Image {
    let (side, radius) = (20, 5 + number % 3)
    let (x, y) = (8 + number / 3 % 4, 8 + number / 12 % 4)
    let color: [UInt8] = isRed(number) ? [220, 40, 40] : [40, 120, 220]
    var bytes: [UInt8] = []
    for row in 0..<side {
      for column in 0..<side {
        let (dx, dy) = (column - x, row - y)
        let isInside =
          isRound(number)
          ? dx * dx + dy * dy <= radius * radius : max(abs(dx), abs(dy)) < radius
        bytes += isInside ? color : [80, 80, 80]
      }
    }
    return Image(layout: PixelLayout(width: side, height: side, channels: 3), bytes: bytes)
  }

  /// Writes the images and two lists that say the same: `sets.csv` and `columns.csv`.
  private func writeShapes(_ count: Int = count) throws {
    var (sets, columns) = ("", "path,red,round\n")
    for number in 0..<count {
      try work.write(Self.shape(number), to: "img/\(number).png")
      let (red, round) = (Self.isRed(number), Self.isRound(number))
      let held = (red ? ["red"] : []) + (round ? ["round"] : [])
      sets += "img/\(number).png,\(held.joined(separator: ";"))\n"
      columns += "img/\(number).png,\(red ? 1 : 0),\(round ? 1 : 0)\n"
    }
    try work.write(sets, to: "sets.csv")
    try work.write(columns, to: "columns.csv")
  }

  private func vision(_ arguments: String) throws -> Outcome {
    try work.shell("\"$VISION\" \(arguments)")
  }

  private func json(_ outcome: Outcome) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
  }

  @Test func trainsMeasuresClassifiesAndExports() throws {
    try writeShapes()
    let trained = try vision("train sets.csv --multi-label --out run --epochs 15 \(Self.small)")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(trained.errorLines[0] == "2 labels: red (50), round (48)", "\(trained.error)")
    #expect(trained.errorLines[1] == "108 training images, 12 validation images")
    #expect(
      trained.errorLines[3].split(separator: " ").joined(separator: " ")
        == "epoch loss val. loss val. mAP micro F1 macro F1 images/s time")
    #expect(trained.lines[0].contains("val. mAP"))
    #expect(trained.lines[2] == "figures: run/curves.png")
    let log = String(decoding: try work.read("run/log.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",") }
    #expect(log[0].suffix(3) == ["validation_map", "validation_micro_f1", "validation_macro_f1"])
    #expect(try #require(log.dropFirst().compactMap { Double($0[5]) }.max()) > 0.95)

    // Both kinds of lists say the same.
    let model = "--model run/best.safetensors"
    let measured = try vision("evaluate \(model) sets.csv --json")
    #expect(measured.status == 0 && measured.error == "")
    #expect(try vision("evaluate \(model) columns.csv --json").output == measured.output)
    let report = try json(measured)
    #expect(try #require(report["meanAveragePrecision"] as? Double) > 0.95)
    #expect(try #require(report["microF1"] as? Double) > 0.9)
    #expect(report["images"] as? Int == 120 && report["confusion"] == nil)
    let labels = try #require(report["labels"] as? [[String: Any]])
    #expect(labels.map { $0["name"] as? String } == ["red", "round"])
    for label in labels {
      let (found, missed) = (label["truePositives"] as? Int, label["falseNegatives"] as? Int)
      #expect((found ?? 0) + (missed ?? 0) == label["images"] as? Int)
      #expect(label["precision"] is Double && label["averagePrecision"] is Double)
    }
    let table = try vision("evaluate \(model) columns.csv")
    #expect(table.lines[0].hasPrefix("mean average precision (mAP) "))
    #expect(table.lines[1].hasPrefix("label  images  avg. precision"))

    // Image 4 is red and round, 5 is neither.
    let classified = try vision("classify img/4.png img/5.png \(model) --json")
    let answers = try #require(
      try JSONSerialization.jsonObject(with: classified.outputBytes) as? [[String: Any]])
    #expect(Set(answers[0]["labels"] as? [String] ?? []) == ["red", "round"])
    #expect(answers[1]["labels"] as? [String] == [] && answers[1]["answer"] as? String == "unknown")
    let line = try vision("classify img/4.png \(model)").output
    #expect(line.contains("red") && line.contains("round"))

    let exported = try vision("export run/best.safetensors -o run/net.onnx")
    #expect(exported.status == 0 && exported.output.contains("probabilities 2"))
    let asONNX = try json(try vision("evaluate --model run/net.onnx sets.csv --json"))
    let (loss, other) = (report["loss"] as? Double ?? 0, asONNX["loss"] as? Double ?? 1)
    #expect(abs(loss - other) < 1e-4)
    #expect(try vision("summary run/best.safetensors").output.contains("mAP "))
    #expect(try vision("explain img/4.png --class round \(model) -o why").status == 0)
  }

  /// Stopped after an epoch by the number of epochs, and gone on with; the labels hold on.
  @Test func goesOnAsItBegan() throws {
    try writeShapes(40)
    let arguments = "train columns.csv --multi-label --out run \(Self.small) --balance"
    #expect(try vision("\(arguments) --epochs 1").status == 0)
    let more = try vision("\(arguments) --epochs 2")
    #expect(more.status == 0 && more.error.contains("resuming after epoch 1"), "\(more.error)")
    let other = try vision("train columns.csv --out run \(Self.small) --balance --epochs 2")
    #expect(other.status == 2 && other.output == "")
  }

  /// A single column of 0 and 1 is one label, with a probability of its own.
  @Test func oneLabelHoldsOrNot() throws {
    try writeShapes()
    _ = try work.shell("cut -d, -f1,2 columns.csv > one.csv")
    let trained = try vision("train one.csv --multi-label --out run --epochs 4 \(Self.small)")
    #expect(trained.status == 0 && trained.errorLines[0] == "1 label: red (50)", "\(trained.error)")
    let model = "--model run/best.safetensors"
    let report = try json(try vision("evaluate \(model) one.csv --json"))
    #expect(try #require(report["meanAveragePrecision"] as? Double) > 0.95)
    let lines = try vision("classify img/4.png img/5.png \(model) --csv").lines
    #expect(lines[1].split(separator: ",")[1] == "red" && !lines[1].contains("unknown"))
    #expect(lines[2].contains("unknown"))
    // And as ONNX, where the labels' count tells that it is one label and not two classes.
    #expect(try vision("export run/best.safetensors -o run/net.onnx").status == 0)
    #expect(try vision("classify img/4.png img/5.png --model run/net.onnx").status == 0)
    #expect(try vision("explain img/4.png \(model) -o why").status == 0)
  }

  @Test func whatCannotBeLearnedIsRefused() throws {
    try writeShapes(12)
    try work.write("img/0.png,red\nimg/1.png,red\n", to: "same.csv")
    try work.write("path,red,round\nimg/0.png,1,0\nimg/1.png,yes,0\n", to: "bad.csv")
    for (arguments, status, message) in [
      ("img", 2, "img: is not a list; "), ("none.csv", 2, "none.csv: No such file or directory"),
      ("same.csv", 2, "same.csv: all images have the same labels"),
      ("bad.csv", 2, "bad.csv: line 3: red is \"yes\"; expected 0 or 1"),
      ("sets.csv --validation-data img", 2, "img: is not a list; "),
      ("sets.csv --one-hot", 64, "--multi-label is for images"),
    ] as [(String, Int32, String)] {
      let outcome = try vision(
        "train \(arguments) --multi-label --out run --epochs 1 \(Self.small)")
      #expect(outcome.status == status && outcome.output == "", "\(arguments)")
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.error.hasPrefix("vision: \(message)"), "\(outcome.error)")
    }
  }

  /// Labels that the model does not know are named and left out; images that are missing, too.
  @Test func whatIsUnknownIsNamed() throws {
    try writeShapes(40)
    #expect(
      try vision("train sets.csv --multi-label --out run --epochs 1 \(Self.small)").status == 0)
    let model = "--model run/best.safetensors"
    try work.write("img/0.png,red;big\nimg/1.png,round\ngone.png,red\n", to: "other.csv")
    let outcome = try vision("evaluate \(model) other.csv --json")
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLines == [
        "vision: gone.png: No such file or directory; skipped",
        "vision: other.csv: the model has no label big; ignored",
      ])
    #expect(try json(outcome)["images"] as? Int == 2)
    try work.write("img/0.png,big\nimg/1.png,\n", to: "foreign.csv")
    let foreign = try vision("evaluate \(model) foreign.csv")
    #expect(foreign.status == 2 && foreign.output == "" && foreign.errorLines.count == 1)
    #expect(foreign.error.contains("none of its labels (big) is known; known: red, round"))
    // Known ones alone are no warning, and a folder of classes is measured as ever.
    try work.write("img/0.png,red\n", to: "some.csv")
    let some = try vision("evaluate \(model) some.csv")
    #expect(some.status == 0 && some.error == "")
    _ = try work.shell("mkdir -p by/red by/round; cp img/5.png by/red; cp img/9.png by/round")
    #expect(try vision("evaluate \(model) by").output.hasPrefix("accuracy "))
  }
}
