import Foundation
import Images
import ModelFiles
import Models
import Networks
import Tensors
import Testing

/// A workspace with a denoiser for colors, `model.safetensors`, that changes nothing, and one for gray,
/// `gray.safetensors`.
private func denoiserWorkspace() throws -> Workspace {
  let workspace = try Workspace()
  for (name, colors) in [("model", 3), ("gray", 1)] {
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
      otherMetadata: ["restoration": "denoising", "scale": "1", "reach": "6"]
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

  @Test func aModelMustBeNamed() throws {
    let work = try denoiserWorkspace()
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision("denoise", "in.png")
    #expect(outcome.status == 64)
    #expect(outcome.error.contains("no denoiser ships; make one with 'vision denoise train'"))
  }

  @Test func trainsAndEvaluates() throws {
    let work = try Workspace()
    for index in 0..<10 {
      try work.write(picture(width: 80, height: 72, seed: index + 1), to: "photos/\(index).png")
    }
    let outcome = try work.vision(
      "denoise", "train", "photos", "--out", "run", "--channels", "8", "--blocks", "2", "--steps",
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
