import Foundation
import Images
import ModelFiles
import Models
import Networks
import Tensors
import Testing

/// A workspace with a denoiser for colors, `model.safetensors`, that changes nothing, one for gray,
/// `gray.safetensors`, and one for what JPEG leaves, `jpeg.safetensors`.
private func denoiserWorkspace() throws -> Workspace {
  let workspace = try Workspace()
  for (name, colors, kind) in [
    ("model", 3, "denoising"), ("gray", 1, "denoising"), ("jpeg", 3, "deblocking"),
  ] {
    let network = try Models.denoiser(colors: colors, channels: 8, blocks: 0)
    var tensors = TensorTable()
    for variable in try network.build(on: .init(), batch: 1, mode: .inference).input.graph
      .variables
    {
      tensors[variable.name] = .zeros(variable.shape)
    }
    try ModelFile(
      tensors: tensors, architecture: try network.json(), card: ModelCard(name: name),
      task: ModelTask(rawValue: "restoration"),
      otherMetadata: [
        "restoration": kind, "scale": "1", "reach": "\(Models.denoiserReach(blocks: 0))",
      ]
    ).write(to: workspace.url("\(name).safetensors").path)
  }
  return workspace
}

@Suite struct DenoiseTests {
  private let model = ["--model", "model.safetensors"]

  @Test func writesBesideTheInput() throws {
    let work = try denoiserWorkspace()
    for (channels, sample) in [(1, SampleType.uint8), (3, .uint16), (4, .uint8)] {
      let image = picture(width: 40, height: 30, channels: channels, sample: sample)
      try work.write(image, to: "in.png")
      for sigma in ["auto", "0", "20"] {
        let outcome = try work.vision(
          arguments: ["denoise", "in.png", "--sigma", sigma, "--overwrite"] + model)
        #expect(outcome.status == 0 && outcome.lines == ["in.denoised.png"], "\(outcome.error)")
        let result = try work.image("in.denoised.png")
        #expect(result.layout == image.layout && result.bytes == image.bytes)
      }
    }
  }

  @Test func aFolderGoesOn() throws {
    let work = try denoiserWorkspace()
    try work.write(picture(channels: 1), to: "in/a.png")
    try work.write(picture(channels: 3), to: "in/b.png")
    let outcome = try work.vision(
      "denoise", "in", "-o", "out/", "--model", "gray.safetensors", "--sigma", "9")
    #expect(outcome.status == 1)
    #expect(outcome.lines == ["out/a.png"])
    #expect(
      outcome.error.contains("in/b.png: is in color, which a denoiser for gray images cannot take"))
  }

  @Test(arguments: [
    (["denoise"], 64), (["denoise", "in.png", "--sigma", "76"], 64),
    (["denoise", "in.png", "--sigma", "much"], 64), (["denoise", "in.png", "--strength", "2"], 64),
    (["denoise", "nothere.png"], 1), (["denoise", "in.png", "--model", "nothere"], 2),
    (["denoise", "in.png", "--model", "objects"], 2),
    (["denoise", "evaluate", "nowhere"], 2),
    (["denoise", "evaluate", "small", "--sigma", "0"], 64),
    (["denoise", "train", "nowhere", "--out", "run"], 2),
    (["denoise", "train", "small", "--out", "run", "--batch", "0"], 64),
    (["denoise", "train", "small", "--out", "run", "--patch", "30"], 64),
    (["denoise", "train", "small", "--out", "run", "--code", "3"], 64),
    (["denoise", "train", "small", "--out", "run", "--network", "noise-estimator", "--gray"], 64),
    (["denoise", "in.png", "--estimator", "model.safetensors"], 2),
    (["denoise", "train", "small", "--out", "run", "--from", "nothere"], 2),
    (["denoise", "train", "small", "--out", "run", "--from", "objects"], 2),
    (["denoise", "train", "nowhere", "--out", "run", "--network", "autoencoder"], 2),
    (["denoise", "in.png", "--jpeg-quality", "30"], 64),
    (["denoise", "in.png", "--jpeg", "--jpeg-quality", "0"], 64),
    (["denoise", "in.png", "--jpeg", "--sigma", "9"], 64),
    (["denoise", "in.png", "--codes", "codes.csv"], 2),
    (["denoise", "evaluate", "small", "--jpeg", "0"], 64),
  ])
  func badInputIsOneLine(arguments: [String], status: Int) throws {
    let work = try denoiserWorkspace()
    try work.write(picture(), to: "in.png")
    try work.write(picture(), to: "small/a.png")
    let takesModel =
      arguments.count > 1 && arguments[1] != "train" && !arguments.contains("--model")
    let outcome = try work.vision(arguments: arguments + (takesModel ? model : []))
    #expect(outcome.status == Int32(status), "\(outcome.error)")
    #expect(outcome.errorLines.count == 1 && outcome.output.isEmpty, "\(outcome.error)")
  }

  /// A JPEG says its quality itself; of another file it must be told.
  @Test func removesCompression() throws {
    let work = try denoiserWorkspace()
    let image = picture(width: 40, height: 40)
    try work.write(Data(image.encoded(WriteOptions(format: .jpeg, quality: 40))), to: "in.jpg")
    try work.write(image, to: "in.png")
    let line = ["denoise", "--jpeg", "--model", "jpeg.safetensors", "-o", "out.png"]
    let outcome = try work.vision(arguments: line + ["in.jpg"])
    #expect(outcome.status == 0 && outcome.lines == ["out.png"], "\(outcome.error)")
    #expect(try work.image("out.png").bytes == work.image("in.jpg").bytes)
    let untold = try work.vision(arguments: line + ["in.png"])
    #expect(untold.status == 1)
    #expect(untold.error.contains("in.png: is no JPEG, so nothing says how it was compressed"))
    let told = try work.vision(arguments: line + ["in.png", "--jpeg-quality", "40"])
    #expect(told.status == 0 && told.errorLines.count <= 1, "\(told.error)")
    let other = try work.vision("denoise", "--jpeg", "in.jpg", "--model", "model.safetensors")
    #expect(other.status == 2)
    #expect(other.error.contains("is a model for denoising, not for deblocking"))
  }

  @Test func anEstimatorLearns() throws {
    let work = try denoiserWorkspace()
    for index in 0..<10 {
      try work.write(picture(width: 96, height: 84, seed: index + 1), to: "photos/\(index).png")
    }
    let outcome = try work.vision(
      "denoise", "train", "photos", "--out", "run", "--network", "noise-estimator", "--channels",
      "4", "--steps", "2", "--batch", "4", "--epochs", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("9 training images, 1 held out for evaluation"))
    let used = try work.vision(
      arguments: ["denoise", "photos/1.png", "--estimator", "run/best.safetensors"] + model)
    #expect(used.status == 0, "\(used.error)")
    #expect(try work.image("photos/1.denoised.png").bytes == work.image("photos/1.png").bytes)
  }

  /// Codes of images in folders, of which each is a class.
  @Test func anAutoencoderWritesCodes() throws {
    let work = try Workspace()
    for index in 0..<12 {
      try work.write(
        picture(width: 16, height: 16, channels: 1, seed: index + 1),
        to: "data/\(index % 2 == 0 ? "a" : "b")/\(index).png")
    }
    let outcome = try work.vision(
      "denoise", "train", "data", "--out", "run", "--network", "autoencoder", "--code", "3",
      "--channels", "4", "--steps", "2", "--batch", "4", "--epochs", "1")
    #expect(outcome.status == 0, "\(outcome.error)")
    // Three rows of what was held out, one image, with gaps of 2.
    let figure = try work.image("run/reconstructions.png")
    #expect(figure.width == 20 && figure.height == 3 * 18 + 2)
    let codes = try work.vision(
      "denoise", "data", "--codes", "codes.csv", "--model", "run/best.safetensors")
    #expect(codes.status == 0 && codes.lines == ["codes.csv"], "\(codes.error)")
    let lines = String(decoding: try work.read("codes.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == 13 && lines[0] == "path,label,c0,c1,c2")
    #expect(lines[1].hasPrefix("data/a/") && lines[1].split(separator: ",").count == 5)
    let image = try work.vision("denoise", "data/a/0.png", "--model", "run/best.safetensors")
    #expect(image.status == 2)
    #expect(image.error.contains("is a model for autoencoding, not for denoising"))
  }

  @Test func trainsAndEvaluates() throws {
    let work = try Workspace()
    for index in 0..<10 {
      try work.write(picture(width: 96, height: 84, seed: index + 1), to: "photos/\(index).png")
    }
    let outcome = try work.vision(
      "denoise", "train", "photos", "--out", "run", "--channels", "8", "--blocks", "1", "--steps",
      "2", "--batch", "2", "--epochs", "1", "--gray")
    #expect(outcome.status == 0, "\(outcome.error)")
    struct Measured: Decodable {
      struct Result: Decodable {
        var estimate: Double
      }
      var psnr: Double
      var noisy: Double
      var results: [Result]
    }
    let evaluation = try work.vision(
      "denoise", "evaluate", "photos", "--model", "run/best.safetensors", "--json", "--sigma", "20")
    let measured = try JSONDecoder().decode(Measured.self, from: evaluation.outputBytes)
    // Two steps from the noisy image.
    #expect(abs(measured.psnr - measured.noisy) < 3 && measured.results.count == 10)
    let upscaled = try work.vision("upscale", "photos/1.png", "--model", "run/best.safetensors")
    #expect(upscaled.status == 2)
    #expect(upscaled.error.contains("is a model for denoising, not for upscaling"))
  }
}
