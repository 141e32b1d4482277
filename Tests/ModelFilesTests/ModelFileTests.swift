import Datasets
import Glibc
import ModelFiles
import Tensors
import TestSupport
import Testing

@Suite struct ModelFileTests {
  let folder = TemporaryFolder()

  static func model() -> ModelFile {
    var tensors = TensorTable()
    tensors["conv.weight"] = Tensor([1, 1, 2, 2], [0.5, -1, 2, 0])
    return ModelFile(
      tensors: tensors, architecture: #"{"layers":[]}"#,
      card: ModelCard(
        name: "shapes", summary: "Tells circles from squares", classNames: ["circle", "square/ü"],
        input: InputForm(
          width: 28, height: 28, channels: 1, mean: [0.1307], deviation: [0.3081]),
        command: "vision train shapes --out run", seed: .max, quality: ["accuracy": 0.1 + 0.2],
        measuredOn: "every tenth image", confusion: [[3, 1], [0, 4]], data: "drawn", licence: "MIT",
        limits: "only these"),
      otherMetadata: ["note": "kept"])
  }

  @Test func whatIsWrittenIsRead() throws {
    let path = folder.path + "/m.safetensors"
    try Self.model().write(to: path)
    #expect(try ModelFile(path: path) == Self.model())
    #expect(try ModelFile.card(path: path) == Self.model().card)
    let first = contents(path)
    try Self.model().write(to: path)
    #expect(contents(path) == first)
  }

  @Test func bareWeightsAreToldApart() {
    #expect(throws: ModelFileError.self) { try ModelFile(path: fixture("all-types.safetensors")) }
    #expect(throws: ModelFileError.self) { try Checkpoint(path: fixture("all-types.safetensors")) }
  }

  @Test(arguments: ["", "{}", "[", #"{"name":3}"#])
  func brokenCardsAreRefused(card: String) throws {
    let path = folder.path + "/m"
    try Safetensors.write(
      TensorTable(), metadata: ["architecture": "{}", "card": card], to: path)
    #expect(throws: ModelFileError.self) { try ModelFile(path: path) }
  }

  @Test func inputFormsThatCannotBeUsedAreRefused() throws {
    var model = Self.model()
    for deviation: [Float] in [[0], [], [.nan], [1, 1]] {
      model.card.input?.deviation = deviation
      let path = folder.path + "/m"
      try model.write(to: path)
      #expect(throws: ModelFileError.self) { try ModelFile(path: path) }
    }
  }
}

@Suite struct CheckpointTests {
  let folder = TemporaryFolder()

  @Test func nothingIsLost() throws {
    var random = RandomSource(seed: 7)
    var parameters = TensorTable()
    parameters["a"] = Tensor([40]) { random.fillNormal($0) }
    var optimizer = TensorTable()
    optimizer["a"] = Tensor([2], [.leastNonzeroMagnitude, -.infinity])
    optimizer["b:c"] = .scalar(1)
    let checkpoint = Checkpoint(
      sections: ["parameters": parameters, "optimizer": optimizer, "empty": TensorTable()],
      epoch: 3, step: .max, random: ["data": random, "noise": random.split("noise")],
      values: ["best": 0.1 + 0.2, "worst": .infinity], configuration: #"{"model":"lenet5"}"#)
    let path = folder.path + "/last.checkpoint"
    try checkpoint.write(to: path)
    #expect(try Checkpoint(path: path) == checkpoint)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let path = folder.path + "/c"
    #expect(throws: ModelFileError.self) {
      try Checkpoint(sections: ["a:b": TensorTable()]).write(to: path)
    }
    let none = #"{"sections":[],"epoch":1,"step":0,"random":{},"values":{}}"#
    for progress in [
      #"{"sections":[],"epoch":-1,"step":0,"random":{},"values":{}}"#, "{}", "",
      #"{"sections":[],"epoch":1e300,"step":0,"random":{},"values":{}}"#,
    ] {
      try Safetensors.write(
        TensorTable(), metadata: ["checkpoint": progress, "configuration": ""], to: path)
      #expect(throws: ModelFileError.self, "\(progress)") { try Checkpoint(path: path) }
    }
    var stray = TensorTable()
    stray["elsewhere:x"] = .scalar(1)
    try Safetensors.write(
      stray, metadata: ["checkpoint": none, "configuration": ""], to: path)
    #expect(throws: ModelFileError.self) { try Checkpoint(path: path) }
  }
}

@Suite struct ModelCatalogTests {
  let folder = TemporaryFolder()

  @Test func findsByNameAndByPath() throws {
    let path = folder.write([1], to: "objects.safetensors")
    _ = folder.write([1, 2], to: "digits.safetensors")
    _ = folder.write([1], to: ".hidden.safetensors")
    _ = folder.write([1], to: "README.md")
    let catalog = ModelCatalog(searchPath: folder.path + ":/none", executable: "/bin/vision")
    #expect(catalog.entries.map(\.name) == ["digits", "objects"])
    #expect(catalog.entries.map(\.byteCount) == [2, 1])
    #expect(try catalog.path(for: "objects") == path)
    #expect(try catalog.path(for: path) == path)
    let unknown = #expect(throws: ModelFileError.self) { try catalog.path(for: "cats") }
    #expect(unknown?.description.contains("digits, objects") == true)
    let missing = #expect(throws: ModelFileError.self) { try catalog.path(for: "./cats.onnx") }
    #expect(missing?.description == "there is no model file ./cats.onnx")
    let empty = ModelCatalog(searchPath: "/none", executable: "/bin/vision")
    let none = #expect(throws: ModelFileError.self) { try empty.path(for: "objects") }
    #expect(none?.description.contains("VISION_MODELS") == true)
  }

  @Test func findsTheInstalledAndTheBuilt() throws {
    let built = TemporaryFolder()
    let installed = TemporaryFolder()
    for path in [built.path + "/assets/models", installed.path + "/share/vision/models"] {
      _ = system("mkdir -p \(path)")
    }
    let fromBuild = ModelCatalog(
      searchPath: nil, executable: built.path + "/.build/x86_64/release/vision")
    #expect(fromBuild.folders == [built.path + "/assets/models"])
    let fromPrefix = ModelCatalog(searchPath: "", executable: installed.path + "/bin/vision")
    #expect(fromPrefix.folders == [installed.path + "/share/vision/models"])
  }
}
