import Foundation
import Images
import ModelFiles
import Models
import Networks
import Tensors
import Testing

/// A workspace with an upscaler `x2.safetensors` that adds nothing to bicubic interpolation.
private func upscalerWorkspace() throws -> Workspace {
  let workspace = try Workspace()
  let network = try Models.upscaler(scale: 2, channels: 8, blocks: 1)
  var tensors = TensorTable()
  for variable in try network.build(on: .init(), batch: 1, mode: .inference).input.graph.variables {
    tensors[variable.name] = .zeros(variable.shape)
  }
  let file = ModelFile(
    tensors: tensors, architecture: try network.json(), card: ModelCard(name: "x2"),
    task: ModelTask(rawValue: "restoration"),
    otherMetadata: ["restoration": "upscaling", "scale": "2", "reach": "4"])
  try file.write(to: workspace.url("x2.safetensors").path)
  return workspace
}

@Suite struct UpscaleTests {
  private let model = ["--model", "x2.safetensors"]

  @Test(arguments: ["x2.safetensors", "./x2.safetensors", "link"])
  func theModelIsNotReplaced(output: String) throws {
    let work = try upscalerWorkspace()
    _ = try work.shell("ln -s x2.safetensors link")
    try work.write(picture(), to: "small.png")
    let before = try work.read("x2.safetensors")
    let outcome = try work.vision(
      arguments: ["upscale", "small.png", "-o", output, "--format", "png"] + model)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("which is read, too; use another -o"))
    #expect(try work.read("x2.safetensors") == before)
  }

  @Test func enlargesByAnyFactor() throws {
    let work = try upscalerWorkspace()
    try work.write(picture(width: 31, height: 20), to: "in.png")
    for (arguments, name, width, height) in [
      ([], "in.x2.png", 62, 40), (["--scale", "1.5"], "in.x1.5.png", 47, 30),
      (["--scale", "3"], "in.x3.png", 93, 60), (["--scale", "4"], "in.x4.png", 124, 80),
      (["--size", "100x"], "in.large.png", 100, 65), (["--size", "x44"], "in.large.png", 68, 44),
    ] as [([String], String, Int, Int)] {
      let outcome = try work.vision(
        arguments: ["upscale", "in.png", "--overwrite"] + arguments + model)
      #expect(outcome.status == 0 && outcome.lines == [name], "\(outcome.error)")
      let image = try work.image(name)
      #expect(image.width == width && image.height == height, "\(arguments)")
    }
  }

  /// What files say stays, and so do 16 bits, alpha and gray.
  @Test func keepsWhatFilesSay() throws {
    let work = try upscalerWorkspace()
    for channels in 1...4 {
      var image = picture(channels: channels, sample: .uint16)
      image.metadata.resolution = Resolution(horizontal: 2835, vertical: 2835)
      try work.write(image, to: "in.png")
      let outcome = try work.vision(
        arguments: ["upscale", "in.png", "-o", "out.png", "--precision", "fp32"] + model)
      #expect(outcome.status == 0, "\(outcome.error)")
      let result = try work.image("out.png")
      #expect(
        result.layout
          == PixelLayout(width: 24, height: 18, channels: channels, sample: .uint16))
      #expect(result.metadata.resolution == Resolution(horizontal: 5670, vertical: 5670))
    }
  }

  @Test func pipesAndThreadsGiveTheSameBytes() throws {
    let work = try upscalerWorkspace()
    try work.write(picture(width: 300, height: 290), to: "in.png")
    let data = try work.read("in.png")
    let piped = try work.vision(
      arguments: ["upscale", "-", "--threads", "1"] + model, input: data)
    #expect(piped.status == 0, "\(piped.error)")
    let outcome = try work.vision(
      arguments: ["upscale", "in.png", "-o", "out.png", "--threads", "3"] + model)
    #expect(outcome.status == 0)
    #expect(try Image(fileBytes: Array(piped.outputBytes)).bytes == work.image("out.png").bytes)
  }

  @Test func aFolderGoesOnAfterADamagedImage() throws {
    let work = try upscalerWorkspace()
    for name in ["a.png", "sub/b.jpg", "c.png"] { try work.write(picture(), to: "in/\(name)") }
    try work.write(try work.read("in/c.png").prefix(60), to: "in/c.png")
    let line = ["upscale", "in", "-o", "out/", "--skip-existing"] + model
    let outcome = try work.vision(arguments: line)
    #expect(outcome.status == 1)
    #expect(outcome.lines == ["out/a.png", "out/sub/b.jpg"])
    #expect(outcome.errorLines.count == 2, "\(outcome.error)")
    #expect(outcome.error.contains("vision: in/c.png: truncated"))
    #expect(outcome.errorLines.last == "2 of 3 images upscaled")
    let again = try work.vision(arguments: line)
    #expect(again.lines == [] && again.error.contains("skipped 2 with a result already"))
  }

  @Test func aJPEGSaysHowCleanItIs() throws {
    let work = try Workspace()
    // Random weights, so that what the network is told shows.
    let network = try Models.upscaler(scale: 2, channels: 8, blocks: 1)
    var tensors = TensorTable()
    for variable in try network.build(on: .init(), batch: 1, mode: .inference).input.graph
      .variables
    {
      let value = variable.initialValue(random: RandomSource(seed: 2))
      tensors[variable.name] = Tensor(value.shape, value.scalars.map { $0 * 3 })
    }
    try ModelFile(
      tensors: tensors, architecture: try network.json(), card: ModelCard(name: "x2"),
      task: ModelTask(rawValue: "restoration"),
      otherMetadata: ["restoration": "upscaling", "scale": "2", "reach": "4"]
    ).write(to: work.url("x2.safetensors").path)
    try work.write(
      Data(picture(width: 40, height: 40).encoded(WriteOptions(format: .jpeg, quality: 70))),
      to: "in.jpg")
    func bytes(_ arguments: String...) throws -> [UInt8] {
      let outcome = try work.vision(
        arguments: ["upscale", "in.jpg", "-o", "out.png"] + model + arguments)
      #expect(outcome.status == 0, "\(outcome.error)")
      return try work.image("out.png").bytes
    }
    // Level 2 stands for a quality of 70.
    #expect(try bytes() == bytes("--clean", "2"))
    #expect(try bytes() != bytes("--clean", "0"))
  }

  @Test(arguments: [
    (["upscale"], 64), (["upscale", "in.png", "--scale", "1"], 64),
    (["upscale", "in.png", "--scale", "9"], 64), (["upscale", "in.png", "--clean", "4"], 64),
    (["upscale", "in.png", "--scale", "2", "--size", "30x"], 64),
    (["upscale", "in.png", "--size", "wide"], 64), (["upscale", "in.png", "--size", "5x"], 1),
    (["upscale", "in.png", "--size", "500x"], 1), (["upscale", "in.png", "--in-place"], 64),
    (["upscale", "nothere.png"], 1), (["upscale", "in.png", "--model", "nothere"], 2),
    (["upscale", "in.png", "--model", "objects"], 2),
    (["upscale", "in.png", "--max-pixels", "200"], 1),
    (["upscale", "evaluate", "nowhere"], 2), (["upscale", "evaluate", "x2.safetensors"], 2),
    (["upscale", "train", "nowhere", "--out", "run"], 2),
    (["upscale", "train", "small", "--out", "run", "--scale", "5"], 64),
    (["upscale", "train", "small", "--out", "run", "--steps", "0"], 64),
    (["upscale", "train", "small", "--out", "run", "--sharp"], 64),
    (["upscale", "train", "small", "--out", "run", "--features", "objects"], 64),
    (["upscale", "trian", "--out", "run"], 64),
  ])
  func badInputIsOneLine(arguments: [String], status: Int) throws {
    let work = try upscalerWorkspace()
    try work.write(picture(), to: "in.png")
    try work.write(picture(), to: "small/a.png")
    let takesModel = arguments.count > 1 && !["train", "trian"].contains(arguments[1])
    let outcome = try work.vision(
      arguments: arguments + (takesModel && !arguments.contains("--model") ? model : []))
    #expect(outcome.status == Int32(status), "\(outcome.error)")
    #expect(outcome.errorLines.count == 1 && outcome.output.isEmpty, "\(outcome.error)")
  }

  @Test func trainsEvaluatesAndEnlarges() throws {
    let work = try Workspace()
    for index in 0..<11 {
      try work.write(picture(width: 80, height: 72, seed: index + 1), to: "photos/\(index).png")
    }
    try work.write(picture(), to: "photos/small.png")
    let train = [
      "upscale", "train", "photos", "--out", "run", "--channels", "8", "--blocks", "1", "--steps",
      "2", "--batch", "2", "--epochs", "2",
    ]
    let outcome = try work.vision(arguments: train)
    // The small image is named and left out.
    #expect(outcome.status == 1, "\(outcome.error)")
    #expect(outcome.error.contains("photos/small.png: is smaller than 64 × 64 pixels; skipped"))
    #expect(outcome.error.contains("10 training images, 1 held out for evaluation; seed 1"))
    for name in ["best.safetensors", "last.checkpoint", "curves.png", "log.csv"] {
      #expect(work.exists("run/\(name)"), "\(name)")
    }
    let large = try work.vision(
      "upscale", "photos/1.png", "-o", "out.png", "--model", "run/best.safetensors")
    #expect(large.status == 0, "\(large.error)")
    #expect(try work.image("out.png").width == 160)
    struct Measured: Decodable {
      var psnr: Double
      var bicubic: Double
    }
    let evaluation = try work.vision(
      "upscale", "evaluate", "photos", "--model", "run/best.safetensors", "--json", "--jpeg", "60")
    let measured = try JSONDecoder().decode(Measured.self, from: evaluation.outputBytes)
    // Four steps from bicubic.
    #expect(abs(measured.psnr - measured.bicubic) < 3)
    let classified = try work.vision("classify", "photos/1.png", "--model", "run/best.safetensors")
    #expect(classified.status == 2 && classified.errorLines.count == 1)

    let sharp = try work.vision(
      "upscale", "train", "photos", "--out", "sharp", "--sharp", "--from", "run/best.safetensors",
      "--features", "objects", "--steps", "2", "--batch", "2", "--epochs", "1")
    #expect(sharp.status == 1, "\(sharp.error)")
    let compared = try work.vision(
      "upscale", "evaluate", "photos", "--model", "sharp/best.safetensors", "--features", "objects")
    #expect(compared.lines.first?.hasSuffix("BICUBIC   PSNR  DISTANCE") == true)
  }
}
