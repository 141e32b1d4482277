import Datasets
import Engine
import Foundation
import Graphs
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors
import TestCases
import TestSupport
import Testing

@Suite struct WeightImportTests {
  let folder = TestSupport.TemporaryFolder()

  /// A bare file of the color classifier's weights under other names.
  private func weights(
    _ rename: (String) -> String = { "module.\($0)" }, without: String? = nil
  ) throws -> String {
    var table = TensorTable()
    for (name, tensor) in try ColorClassifier.file().tensors where name != without {
      table[rename(name)] = tensor
    }
    let path = folder.path + "/weights.safetensors"
    try Safetensors.write(table, to: path)
    return path
  }

  private func options(classes: Int? = nil) throws -> WeightImport.Options {
    WeightImport.Options(
      architecture: .described(try ColorClassifier.network.withClasses(7)), classes: classes)
  }

  @Test func classesAreThoseOfTheWeights() throws {
    let found = try WeightImport(path: weights(), options: options())
    #expect(found.classCount == 2)
    #expect(found.match.isComplete && found.match.prefix == "module.")
    let file = try found.modelFile(card: ModelCard(name: "colors"))
    #expect(file.tensors.names.sorted() == (try ColorClassifier.file().tensors.names.sorted()))
    for (name, tensor) in try ColorClassifier.file().tensors {
      #expect(file.tensors[name] == tensor)
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    let found = try WeightImport(
      path: weights({ $0 }, without: "conv1.bias"), options: options())
    #expect {
      try found.modelFile(card: ModelCard(name: "colors"))
    } throws: { "\($0)".contains("missing conv1.bias") && "\($0)".contains("--rename") }
  }

  @Test func otherClassesThanTheWeightsHaveAreNamed() throws {
    #expect {
      try WeightImport(path: weights(), options: options(classes: 3))
    } throws: { "\($0)".contains("there are 3 labels for weights of 2 classes") }
  }

  @Test func unknownClassesAndArchitecturesAreNamed() throws {
    #expect {
      try WeightImport(path: weights({ "x.\($0).y" }), options: options())
    } throws: { "\($0)".contains("cannot infer the number of classes; pass --labels") }
    #expect {
      try WeightImport(
        path: weights(), options: WeightImport.Options(architecture: .named("resnet999")))
    } throws: { "\($0)".contains("resnet999") }
    #expect {
      try WeightImport(path: folder.path + "/none", options: options())
    } throws: { "\($0)".hasPrefix(folder.path + "/none") }
  }

  // MARK: - Trained elsewhere

  /// Logits of the 100 pictures, in their order (float32 `.npy`: a header of 128 bytes here).
  private func knownLogits() throws -> [Float] {
    let path = try #require(Cases.folder).path + "/weights/resnet20-12fca82f.logits100.npy"
    let bytes = contents(path)
    #expect(bytes.count == 128 + 4 * 1_000)
    return bytes.dropFirst(128).withUnsafeBytes { raw in
      (0..<1_000).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  @Test(
    .enabled(if: Cases.areThere, Cases.absent),
    arguments: ["resnet20-12fca82f.safetensors", "resnet20-12fca82f.th"])
  func residualNetworkGivesItsKnownLogits(name: String) throws {
    let cases = try #require(Cases.folder).path + "/weights/"
    let found = try WeightImport(
      path: cases + name, options: WeightImport.Options(architecture: .named("resnet20")))
    #expect(found.classCount == 10)
    #expect(found.match.pairs.count == 97 && found.match.unexpectedKeys.isEmpty)
    let form = Preprocessing(
      width: 32, height: 32, channels: 3, mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225])
    let path = folder.path + "/net.safetensors"
    try found.modelFile(
      card: ModelCard(
        name: "resnet20", classNames: (0..<10).map { "class_\($0)" }, preprocessing: form)
    ).write(to: path)

    let model = try Classifier(path: path)
    let pictures = try Cases.unpack("weights/logits100-images.tar.gz")
    let files = pictures.files(".jpg")
    #expect(files.count == 100)
    let predictor = try model.predictor(batchSize: 100)
    let known = try knownLogits()
    let images = try files.map { try Image(path: $0.path) }
    try predictor.logits { pixels in
      for (index, image) in images.enumerated() {
        let room = UnsafeMutableBufferPointer(
          rebasing: pixels[index * form.elementCount..<(index + 1) * form.elementCount])
        do { try form.write(image, to: room) } catch { Issue.record("\(error)") }
      }
    } _: { _, logits in
      let worst = zip(logits, known).map { abs($0 - $1) }.max() ?? .infinity
      #expect(logits.count == known.count && worst < 1e-3, "\(worst)")
    }
  }

  @Test(
    .enabled(if: Cases.areThere, Cases.absent), arguments: ["mnist.pt", "mnist.safetensors"])
  func burnsDigitNetworkFits(name: String) throws {
    let cases = try #require(Cases.folder).path + "/weights/burn-mnist/"
    let found = try WeightImport(
      path: cases + name, options: WeightImport.Options(architecture: .named("burn-mnist")))
    #expect(found.match.isComplete && found.classCount == 10)
    #expect(found.match.unexpectedKeys.isEmpty)
  }

  /// Weights of 1,000 classes bring what their architecture is known to take; classifiers on the side and
  /// counters of batches are nothing left over.
  @Test(arguments: [
    ("googlenet", 0.5 as Float, Preprocessing.Interpolation.linear),
    ("mobilenetv2", 0.485, .linear), ("efficientnet-b0", 0.485, .cubic),
  ])
  func imageNetsNetworksAreKnown(
    _ name: String, mean: Float, interpolation: Preprocessing.Interpolation
  ) throws {
    let graph = Graph()
    _ = try Models.named(name).build(on: graph, batch: 2, mode: .training)
    var table = TensorTable()
    for variable in graph.variables {
      table[variable.name] = Tensor(
        variable.shape, [Float](repeating: 0.5, count: variable.shape.count))
    }
    table["conv1.num_batches_tracked"] = Tensor([1], [7])
    table["other.weight"] = Tensor([3], [1, 2, 3])
    let path = folder.path + "/weights.safetensors"
    try Safetensors.write(table, to: path)
    let found = try WeightImport(
      path: path, options: WeightImport.Options(architecture: .named(name)))
    #expect(found.match.isComplete && found.classCount == 1_000)
    #expect(found.unusedTensors == ["other.weight"])
    let usual = try #require(found.usualPreprocessing)
    #expect(usual.mean?.first == mean && usual.shorterSide == 256)
    #expect((usual.interpolation ?? .linear) == interpolation)
  }
}
