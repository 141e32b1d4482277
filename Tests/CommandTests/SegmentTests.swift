import Foundation
import Images
import ModelFiles
import Models
import Networks
import Tensors
import Testing

/// A workspace with a segmenter, `model.safetensors`: dark pixels are `dark`, 7 in masks, bright ones `bright`, 9.
private func segmenterWorkspace() throws -> Workspace {
  let workspace = try Workspace()
  let network = Network(input: [32, 32, 1]) { Conv2D(2, 1).named("head") }
  var tensors = TensorTable()
  tensors["head.weight"] = Tensor([2, 1, 1, 1], [-1, 1])
  tensors["head.bias"] = Tensor([2], [0, 0])
  var card = ModelCard(name: "brightness")
  card.classNames = ["dark", "bright"]
  card.preprocessing = Preprocessing(
    width: 32, height: 32, channels: 1, mean: [0.5], std: [0.25])
  try ModelFile(
    tensors: tensors, architecture: try network.json(), card: card,
    task: ModelTask(rawValue: "segmentation"),
    otherMetadata: [
      "network": "unet-small",
      "masks":
        #"{"kind":"index","names":["dark","bright"],"values":[7,9],"colors":[255,16711680]}"#,
    ]
  ).write(to: workspace.url("model.safetensors").path)
  return workspace
}

/// Bright in the left third.
private func third(_ width: Int = 30, _ height: Int = 10, channels: Int = 3) -> Image {
  var image = Image(layout: PixelLayout(width: width, height: height, channels: channels))
  image.withUnsafeMutableBytes { bytes in
    for place in bytes.indices {
      bytes[place] = place / channels % width < width / 3 ? 220 : 30
    }
  }
  return image
}

@Suite struct SegmentTests {
  private let model = ["--model", "model.safetensors"]

  /// The mask's indices are those of the model's classes, its palette their colors.
  @Test(arguments: [1, 3, 4]) func writesAMaskBesideTheInput(channels: Int) throws {
    let work = try segmenterWorkspace()
    try work.write(third(channels: channels), to: "in.png")
    let outcome = try work.vision(arguments: ["segment", "in.png"] + model)
    #expect(outcome.status == 0 && outcome.lines == ["in.mask.png"], "\(outcome.error)")
    let file = Array(try work.read("in.mask.png"))
    let mask = try Image(fileBytes: file, options: ReadOptions(keepsIndices: true))
    #expect(mask.layout == PixelLayout(width: 30, height: 10, channels: 1))
    // What is transparent is laid over white: a quarter of the alpha channel is dark there.
    if channels < 4 {
      #expect(mask.bytes == (0..<300).map { $0 % 30 < 10 ? 9 : 7 })
      #expect(try work.image("in.mask.png").bytes[..<3] == [255, 0, 0])
    }
    // Another run replaces it, and does not take it for an input.
    let again = try work.vision(arguments: ["segment", ".", "--overlay"] + model)
    #expect(again.status == 0 && again.lines == ["./in.mask.png"], "\(again.error)")
    #expect(work.exists("in.overlay.jpg"))
    let third = try work.vision(arguments: ["segment", ".", "--overlay"] + model)
    #expect(third.lines == ["./in.mask.png"], "\(third.error)")
  }

  /// Windows lie over an image that is larger than one.
  @Test func aLargeImage() throws {
    let work = try segmenterWorkspace()
    try work.write(third(1203, 601), to: "in.png")
    for threads in ["1", "3"] {
      let outcome = try work.vision(
        arguments: ["segment", "in.png", "-o", "mask\(threads).png", "--threads", threads] + model)
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    let mask = try Image(
      fileBytes: Array(try work.read("mask1.png")), options: ReadOptions(keepsIndices: true))
    #expect(mask.bytes == (0..<1203 * 601).map { $0 % 1203 < 401 ? 9 : 7 })
    #expect(try work.read("mask1.png") == work.read("mask3.png"))
  }

  @Test func areas() throws {
    let work = try segmenterWorkspace()
    try work.write(third(), to: "in/a.png")
    try work.write(Data("no image".utf8), to: "in/b.png")
    try work.write(third(60, 10), to: "in/c, d.png")
    let arguments = ["segment", "in", "-o", "out/", "--areas"] + model
    let table = try work.vision(arguments: arguments)
    #expect(table.status == 1 && table.error.contains("in/b.png: "))
    #expect(
      table.lines == [
        "out/a.png", "    66.7 %  dark", "    33.3 %  bright",
        "out/c, d.png", "    66.7 %  dark", "    33.3 %  bright",
      ])
    let csv = try work.vision(arguments: arguments + ["--csv"])
    #expect(
      csv.lines == [
        "path,class,index,pixels,fraction", "in/a.png,dark,7,200,0.666667",
        "in/a.png,bright,9,100,0.333333", "\"in/c, d.png\",dark,7,400,0.666667",
        "\"in/c, d.png\",bright,9,200,0.333333",
      ])
    let json = try work.vision(arguments: arguments + ["--json"])
    let parsed = try JSONSerialization.jsonObject(with: json.outputBytes) as? [[String: Any]]
    #expect(parsed?.count == 2 && parsed?[0]["output"] as? String == "out/a.png")
    #expect((parsed?[0]["areas"] as? [[String: Any]])?[1]["pixels"] as? Int == 100)
  }

  @Test func pipes() throws {
    let work = try segmenterWorkspace()
    try work.write(third(), to: "in.png")
    let mask = try work.vision(
      arguments: ["segment", "-"] + model, input: try work.read("in.png"))
    #expect(mask.status == 0, "\(mask.error)")
    #expect(try ImageReader(bytes: Array(mask.outputBytes)).info.colorModel == "palette")
    let overlay = try work.vision(
      arguments: ["segment", "-", "--overlay"] + model, input: try work.read("in.png"))
    let image = try Image(fileBytes: Array(overlay.outputBytes))
    #expect(image.channels == 3 && image.bytes[..<3] == [237, 110, 110])
  }

  /// Against masks that are right but for one of four columns that hold a class.
  @Test func evaluates() throws {
    let work = try segmenterWorkspace()
    try work.write(third(), to: "images/a.png")
    var mask = Image(layout: PixelLayout(width: 30, height: 10, channels: 1))
    mask.withUnsafeMutableBytes { bytes in
      for place in bytes.indices { bytes[place] = [9, 9, 7, 7][min(place % 30 / 3, 3)] }
      for place in bytes.indices where place % 30 >= 12 { bytes[place] = 0 }
    }
    try work.write(mask, to: "masks/a.png")
    let outcome = try work.vision(
      arguments: ["segment", "evaluate", "images", "masks", "--figures", "figures"] + model)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.lines[0] == "mean IoU 46.7 %, pixel accuracy 66.7 % of 1 images")
    #expect(work.exists("figures/confusion.png") && work.exists("figures/mistakes.png"))
    let json = try work.vision(
      arguments: ["segment", "evaluate", "images", "masks", "--json"] + model)
    let parsed = try JSONSerialization.jsonObject(with: json.outputBytes) as? [String: Any]
    #expect((parsed?["confusion"] as? [[Int]]) == [[20, 40], [0, 60]])
    try work.write(third(), to: "masks/a.png")
    let other = try work.vision(arguments: ["segment", "evaluate", "images", "masks"] + model)
    #expect(other.status == 2 && other.errorLines.count == 2, "\(other.error)")
  }

  @Test(arguments: [
    (["segment"], 64), (["segment", "in.png", "--json"], 64),
    (["segment", "in.png", "--areas", "--json", "--csv"], 64),
    (["segment", "in.png", "-o", "mask.jpg"], 64), (["segment", "-", "--areas"], 64),
    (["segment", "nothere.png"], 1), (["segment", "in.png", "--model", "nothere"], 2),
    (["segment", "in.png", "--model", "objects"], 2),
    (["segment", "evaluate", "nowhere", "small"], 2),
    (["segment", "evaluate", "small", "other"], 2),
    (["segment", "train", "nowhere", "small", "--out", "run"], 2),
    (["segment", "train", "small", "small", "--out", "run"], 2),
    (["segment", "train", "small", "small", "--out", "run", "--size", "100"], 64),
    (["segment", "train", "small", "small", "--out", "run", "--augment", "crop"], 64),
    (["segment", "train", "small", "small", "--out", "run", "--void", "x"], 64),
    (["segment", "train", "small", "small", "--out", "run", "--validation-images", "small"], 64),
    (["segment", "train", "small", "small", "--out", "run", "--classes", "none.txt"], 2),
  ])
  func badInputIsOneLine(arguments: [String], status: Int) throws {
    let work = try segmenterWorkspace()
    try work.write(picture(), to: "in.png")
    try work.write(picture(width: 200, height: 150), to: "small/a.png")
    try work.write(picture(), to: "other/b.png")
    let takesModel =
      arguments.count > 1 && arguments[1] != "train" && !arguments.contains("--model")
    let outcome = try work.vision(arguments: arguments + (takesModel ? model : []))
    #expect(outcome.status == Int32(status), "\(outcome.error)")
    #expect(outcome.errorLines.count == 1 && outcome.output.isEmpty, "\(outcome.error)")
  }

  @Test func trainsAndRuns() throws {
    let work = try Workspace()
    for index in 0..<10 {
      try work.write(third(40 + index, 32), to: "images/\(index).png")
      var mask = third(40 + index, 32, channels: 1)
      mask.withUnsafeMutableBytes { for place in $0.indices { $0[place] = $0[place] > 99 ? 1 : 0 } }
      try work.write(mask, to: "masks/\(index).png")
    }
    try work.write("dark\nbright\n", to: "names.txt")
    let outcome = try work.vision(
      "segment", "train", "images", "masks", "--out", "run", "--size", "32", "--epochs", "1",
      "--steps", "3", "--batch", "2", "--classes", "names.txt", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("9 training images, 1 for evaluation; 2 classes"))
    let files = Set(try work.files())
    for name in ["best.safetensors", "confusion.png", "mistakes.png", "curves.png", "log.csv"] {
      #expect(files.contains("run/" + name))
    }
    let run = try work.vision(
      "segment", "images/0.png", "--model", "run/best.safetensors", "-o", "mask.png")
    #expect(run.status == 0, "\(run.error)")
    let wrong = try work.vision("classify", "images/0.png", "--model", "run/best.safetensors")
    #expect(wrong.status == 2 && wrong.error.contains("use it with 'vision segment'"))
  }
}
