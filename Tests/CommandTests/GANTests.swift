import Foundation
import Images
import ModelFiles
import Models
import Networks
import Tensors
import Testing

/// A workspace with an untrained generator `tiny.safetensors` of 32 × 32 pixels.
func generatorWorkspace() throws -> Workspace {
  let workspace = try Workspace()
  let pair = try Models.DCGAN(size: 32, width: 4, latent: 8)
  var tensors = TensorTable()
  for variable in try pair.generator.build(on: .init(), batch: 1, mode: .inference).input.graph
    .variables
  {
    tensors[variable.name] = variable.initialValue(random: RandomSource(seed: 3))
  }
  let file = ModelFile(
    tensors: tensors, architecture: try pair.generator.json(), card: ModelCard(name: "tiny"))
  try file.write(to: workspace.folder.appendingPathComponent("tiny.safetensors").path)
  return workspace
}

/// Writes pictures of some kinds into the folder `pictures`.
func writePictures(_ count: Int, into workspace: Workspace) throws {
  for index in 0..<count {
    try workspace.write(
      picture(width: 32 + index % 5, height: 40, seed: index + 1), to: "pictures/\(index).png")
  }
}

@Suite struct GANTests {
  @Test func samplesAGridAndSaysWhere() throws {
    let workspace = try generatorWorkspace()
    let outcome = try workspace.vision(
      "gan", "sample", "-n", "17", "--seed", "5", "--model", "tiny.safetensors")
    #expect(outcome.status == 0)
    #expect(outcome.lines == ["tiny-seed-5.png  seed 5"])
    let grid = try Image(path: workspace.folder.appendingPathComponent("tiny-seed-5.png").path)
    // 17 pictures in 5 columns and 4 rows, 2 pixels between and around them.
    #expect(grid.width == 5 * 34 + 2 && grid.height == 4 * 34 + 2)
  }

  @Test func theSameSeedGivesTheSameBytesInAnyCompany() throws {
    let workspace = try generatorWorkspace()
    func sample(_ arguments: String...) throws -> Data {
      let outcome = try workspace.vision(
        arguments: ["gan", "sample", "--model", "tiny.safetensors", "-o", "-"] + arguments)
      #expect(outcome.status == 0)
      return outcome.outputBytes
    }
    #expect(try sample("-n", "3", "--seed", "1") == sample("-n", "3", "--seed", "1"))
    #expect(try sample("-n", "3", "--seed", "1") == sample("--seeds", "1-3"))
    #expect(try sample("-n", "3", "--seed", "1") != sample("-n", "3", "--seed", "2"))
    _ = try workspace.vision(
      "gan", "sample", "--model", "tiny.safetensors", "--seeds", "4,40,9", "--each", "some")
    _ = try workspace.vision(
      "gan", "sample", "--model", "tiny.safetensors", "--seeds", "40", "--each", "one")
    let names = ["some/seed-40.png", "one/seed-40.png"].map {
      workspace.folder.appendingPathComponent($0)
    }
    #expect(try Data(contentsOf: names[0]) == Data(contentsOf: names[1]))
  }

  @Test func tellsHowLongOperationsTook() throws {
    let workspace = try generatorWorkspace()
    let outcome = try workspace.vision(
      "gan", "sample", "-n", "2", "--seed", "5", "--model", "tiny.safetensors", "--profile",
      "--threads", "1", "--precision", "fp32")
    #expect(outcome.status == 0)
    #expect(outcome.lines == ["tiny-seed-5.png  seed 5"])
    #expect(outcome.errorLines.first?.hasSuffix("GFLOP/s  operation") == true)
    #expect(outcome.errorLines.contains { $0.contains("ConvolutionInputGradient [") })
    #expect(try workspace.vision("gan", "sample", "--threads", "0").status == 64)
  }

  @Test func interpolatesAndAnimates() throws {
    let workspace = try generatorWorkspace()
    let grid = try workspace.vision(
      "gan", "interpolate", "--seeds", "3,8,21", "--steps", "4", "--model", "tiny.safetensors")
    #expect(grid.lines == ["tiny-walk.png"])
    let image = try Image(path: workspace.folder.appendingPathComponent("tiny-walk.png").path)
    #expect(image.width == 4 * 34 + 2 && image.height == 2 * 34 + 2)
    let animation = try workspace.vision(
      "gan", "interpolate", "--seeds", "3,8", "--steps", "4", "--animate", "-o", "walk.png",
      "--model", "tiny.safetensors")
    #expect(animation.lines == ["walk.png  6 frames"])
    let bytes = try Data(contentsOf: workspace.folder.appendingPathComponent("walk.png"))
    #expect(bytes.range(of: Data("acTL".utf8)) != nil)
    #expect(try Image(path: workspace.folder.appendingPathComponent("walk.png").path).width == 32)
  }

  @Test func arithmeticShowsGroupsMeansAndResult() throws {
    let workspace = try generatorWorkspace()
    let outcome = try workspace.vision(
      "gan", "arithmetic", "--from", "1-3", "--minus", "4,5", "--plus", "6", "-o", "sum.png",
      "--model", "tiny.safetensors")
    #expect(outcome.status == 0)
    let image = try Image(path: workspace.folder.appendingPathComponent("sum.png").path)
    #expect(image.width == 4 * 34 + 2 && image.height == 4 * 34 + 2)
  }

  @Test(arguments: [
    (["sample", "-n", "0"], 64), (["sample", "--seeds", "9-3"], 64),
    (["sample", "--columns", "0"], 64), (["sample", "--truncation", "0"], 64),
    (["sample", "-n", "100000"], 64),
    (["interpolate", "--seeds", "0-999", "--steps", "1000"], 64),
    (["interpolate", "--seeds", "0-999", "--steps", "1000", "--animate"], 64),
    (["interpolate", "--seeds", "1,2", "--animate", "-o", "walk.gif"], 64),
    (["interpolate", "--seeds", "1,2", "--animate", "-o", "walk.jpg"], 64),
    (["interpolate", "--seeds", "1,2", "-o", "walk.gif"], 64),
    (["interpolate", "--seeds", "1,2", "-o", "nowhere/walk.png"], 2),
    (["arithmetic", "--from", "1", "--minus", "2", "--plus", "3", "-o", "a.tif"], 64),
    (["sample", "-o", "x.bmp"], 64), (["sample", "-o", "new/"], 64), (["sample", "-o", ""], 64),
    (["evaluate", "nowhere", "--neighbors", "n.gif"], 64),
    (["evaluate", "nowhere", "--neighbors", "-"], 64),
    (["sample", "-n", "3", "--seeds", "1"], 64), (["interpolate", "--seeds", "3"], 64),
    (["train", "nowhere", "--out", "run", "--size", "48"], 64),
    (["sample", "--model", "missing.safetensors"], 2),
    (["train", "nowhere", "--out", "run", "--features", "none"], 2),
  ])
  func badInputIsOneLine(arguments: [String], status: Int) throws {
    let workspace = try generatorWorkspace()
    let model =
      arguments.contains("--model") || arguments[0] == "train"
      ? [] : ["--model", "tiny.safetensors"]
    let outcome = try workspace.vision(arguments: ["gan"] + arguments + model)
    #expect(outcome.status == Int32(status))
    #expect(outcome.errorLines.count == 1 && outcome.output.isEmpty, "\(outcome.error)")
  }

  @Test func foldersWithoutPicturesAreRefused() throws {
    let workspace = try generatorWorkspace()
    try FileManager.default.createDirectory(
      at: workspace.folder.appendingPathComponent("empty"), withIntermediateDirectories: true)
    for (path, message) in [
      ("empty", "empty: contains no images"),
      ("tiny.safetensors", "tiny.safetensors: is not a directory"),
    ] {
      let outcome = try workspace.vision("gan", "train", path, "--out", "run")
      #expect(outcome.status == 2 && outcome.errorLines.count == 1)
      #expect(outcome.error.hasPrefix("vision: \(message)"), "\(outcome.error)")
      #expect(!outcome.error.contains("classes"))
      #expect(!workspace.exists("run"))
    }
  }

  @Test func trainsOnAFolderAndSamplesWhatCameOfIt() throws {
    let workspace = try generatorWorkspace()
    try writePictures(12, into: workspace)
    let train = [
      "gan", "train", "pictures", "--out", "run", "--size", "32", "--width", "4", "--latent", "8",
      "--batch", "4", "--epochs", "1", "--features", "none", "--seed", "3",
    ]
    let outcome = try workspace.vision(arguments: train)
    #expect(outcome.status == 0, "\(outcome.error)")
    for name in ["best.safetensors", "last.checkpoint", "curves.png", "samples/epoch-0001.png"] {
      #expect(workspace.exists("run/\(name)"), "\(name)")
    }
    let sample = try workspace.vision(
      "gan", "sample", "-n", "2", "--model", "run/best.safetensors", "-o", "two.png")
    #expect(sample.status == 0 && sample.lines.first?.hasPrefix("two.png  seed ") == true)
  }

  @Test func evaluateNamesItsFeaturesAndWhatRealPicturesReach() throws {
    let workspace = try generatorWorkspace()
    try writePictures(40, into: workspace)
    let outcome = try workspace.vision(
      "gan", "evaluate", "pictures", "--model", "tiny.safetensors", "-n", "20", "--json",
      "--neighbors", "near.png")
    #expect(outcome.status == 0, "\(outcome.error)")
    struct Measured: Decodable {
      var features: String
      var frechetDistance: Double
      var floor: Double
      var realCount: Int
    }
    let measured = try JSONDecoder().decode(Measured.self, from: outcome.outputBytes)
    #expect(measured.features == "objects" && measured.realCount == 4)
    // An untrained generator's pictures are farther from real ones than real ones are.
    #expect(measured.frechetDistance > measured.floor && measured.floor > 0)
    let near = try workspace.image("near.png")
    #expect(near.width == 8 * 34 + 2 && near.height == 8 * 34 + 2)
  }

  @Test func aClassifierIsNoGenerator() throws {
    let workspace = try generatorWorkspace()
    let network = Network(input: [2, 2, 1]) {
      Flatten()
      Dense(2)
    }
    var tensors = TensorTable()
    tensors["dense1.weight"] = Tensor([2, 4], Array(repeating: 0, count: 8))
    tensors["dense1.bias"] = Tensor([2], [0, 0])
    try ModelFile(tensors: tensors, architecture: try network.json(), card: ModelCard(name: "two"))
      .write(to: workspace.folder.appendingPathComponent("two.safetensors").path)
    let outcome = try workspace.vision("gan", "sample", "--model", "two.safetensors")
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("is not a generator"))
  }

  @Test func aRefusalNamesTheCommandForTheModel() throws {
    let workspace = try generatorWorkspace()
    try workspace.write(picture(), to: "in.png")
    let outcome = try workspace.vision("classify", "--model", "tiny.safetensors", "in.png")
    #expect(outcome.status == 2)
    #expect(
      outcome.error.contains(
        "is a model for generation, not for classification; use it with 'vision gan sample'"),
      "\(outcome.error)")
  }
}
