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
        preprocessing: Preprocessing(
          width: 28, height: 28, channels: 1, mean: [0.1307], std: [0.3081]),
        command: "vision train shapes --out run", seed: .max, metrics: ["accuracy": 0.1 + 0.2],
        evaluatedOn: "every tenth image", confusion: [[3, 1], [0, 4]], data: "drawn",
        license: "MIT",
        limitations: "only these"),
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

  /// A file of several networks gives each its own tensors back.
  @Test func severalNetworks() throws {
    func part(_ name: String, _ value: Float) -> ModelFile.Part {
      var tensors = TensorTable()
      tensors["conv.weight"] = .scalar(value)
      return ModelFile.Part(
        name: name, architecture: #"{"input":[1],"layers":[],"name":"\#(name)"}"#, tensors: tensors)
    }
    let model = ModelFile(
      parts: [part("there", 1), part("back", 2)], card: ModelCard(name: "translator"),
      task: ModelTask(rawValue: "translation"))
    let path = folder.path + "/m.safetensors"
    try model.write(to: path)
    #expect(try ModelFile(path: path) == model)
    let lazy = try LazyModelFile(path: path)
    #expect(lazy.task.rawValue == "translation" && lazy.otherMetadata.isEmpty)
    #expect(lazy.parts.map(\.name) == ["there", "back"])
    #expect(lazy["conv.weight", of: lazy.parts[1]]?.tensor == .scalar(2))
    for names in [["a", "a"], ["", "b"], ["a.b", "c"], ["a,b", "c"], []] {
      let bad = ModelFile(parts: names.map { part($0, 0) }, card: ModelCard(name: ""))
      #expect(throws: ModelFileError.self, "\(names)") { try bad.write(to: path) }
    }
  }

  /// The task is written; a file without one is what its card says.
  @Test func tasksAndFormats() throws {
    let path = folder.path + "/m.safetensors"
    try Self.model().write(to: path)
    #expect(try Safetensors(path: path).metadata["task"] == "classification")
    #expect(try Safetensors(path: path).metadata["format"] == "1")
    let card = try Safetensors(path: path).metadata["card"]
    func read(_ metadata: [String: String]) throws -> LazyModelFile {
      let all = metadata.merging(["architecture": "{}", "card": card ?? ""]) { $1 }
      try Safetensors.write(TensorTable(), metadata: all, to: path)
      return try LazyModelFile(path: path)
    }
    #expect(try read([:]).task == .classification)
    // PyTorch's files hold this word.
    #expect(try read(["format": "pt"]).task == .classification)
    let newer = #expect(throws: ModelFileError.self) { try read(["format": "2"]) }
    #expect(newer?.description.contains("format 2") == true)
  }

  /// What cards and their preprocessing were once called is still read.
  @Test func formerSpellingsAreRead() throws {
    let card = try JSONText.decode(
      ModelCard.self,
      from: #"""
        {"classNames":["a"],"command":"","confusion":[],"data":"d","input":{"channels":1,
        "deviation":[0.5],"fit":"stretch","height":2,"mean":[0.25],"width":3},"licence":"MIT",
        "limits":"l","measuredOn":"m","name":"n","quality":{"accuracy":0.5},"seed":1,"summary":"s"}
        """#, called: "card")
    #expect(
      card
        == ModelCard(
          name: "n", summary: "s", classNames: ["a"],
          preprocessing: Preprocessing(
            width: 3, height: 2, channels: 1, resizeMode: .squash, mean: [0.25], std: [0.5]),
          seed: 1, metrics: ["accuracy": 0.5], evaluatedOn: "m", data: "d", license: "MIT",
          limitations: "l"))
    let again = try JSONText.encode(card)
    #expect(again.contains(#""std":[0.5]"#) && !again.contains("deviation"))
    #expect(try JSONText.decode(ModelCard.self, from: again, called: "card") == card)
  }

  @Test func numbersAreResolvedToChannels() throws {
    let three = PreprocessingOverrides(mean: [0.25, 0.5, 0.75], std: [2])
    let color = try #require(try three.resolved(height: 2, width: 3, channels: 3))
    #expect(color.mean == [0.25, 0.5, 0.75] && color.std == [2, 2, 2])
    #expect(color.resizeMode == .centerCrop && color.width == 3 && color.height == 2)
    let gray = try #require(try three.resolved(height: 2, width: 3, channels: 1))
    #expect(gray.mean == [0.5] && gray.std == [2])
    #expect(try PreprocessingOverrides(mean: [0]).resolved(height: 1, width: 1, channels: 1) == nil)
    for wrong in [
      PreprocessingOverrides(mean: [0, 0], std: [1]), PreprocessingOverrides(mean: [0], std: [0]),
    ] {
      #expect(throws: ModelFileError.self) {
        try wrong.resolved(height: 1, width: 1, channels: 3)
      }
    }
    let merged = PreprocessingOverrides(width: 7).merging(PreprocessingOverrides(color))
    #expect(merged.width == 7 && merged.height == 2 && merged.std == [2, 2, 2])
  }

  @Test func invalidPreprocessingIsRefused() throws {
    var model = Self.model()
    for std: [Float] in [[0], [], [.nan], [1, 1]] {
      model.card.preprocessing?.std = std
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
    #expect(missing?.description == "no such model file ./cats.onnx")
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
