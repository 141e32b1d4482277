import Datasets
import Engine
import Images
import Inference
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Pictures with a bright left, middle or right third, in noise; of `classes` thirds only.
private func pictures(count: Int, thirds: [Int], seed: UInt64) -> Dataset {
  var random = RandomSource(seed: seed)
  let labels = (0..<count).map { $0 % thirds.count }
  let images = labels.map { label in
    let bytes = (0..<81).map { place -> UInt8 in
      let isBright = place % 9 / 3 == thirds[label]
      return UInt8(random.integer(below: 160) + (isBright ? 90 : 0))
    }
    return Image(layout: PixelLayout(width: 9, height: 9, channels: 1), bytes: bytes)
  }
  return Dataset(
    classNames: thirds.map { "third \($0)" }, labels: labels,
    names: (0..<count).map { "picture \($0)" }, source: .memory(images))
}

private let form = Preprocessing(
  width: 9, height: 9, channels: 1, mean: [0.4], std: [0.2])

private let network = Network(input: [9, 9, 1]) {
  Conv2D(8, 3, padding: .same, bias: false)
  BatchNorm(activation: .relu)
  MaxPool2D(3)
  Flatten()
  Dense(16, activation: .relu)
  Dropout(0.1)
  Dense(3)
}

/// A network trained on all three thirds, and the bytes of its model.
private struct Base {
  static let shared = Result { try Base() }

  let values: TensorTable
  let bytes: [UInt8]

  init() throws {
    let run = try TemporaryRun()
    let settings = ClassifierSettings(
      data: .init(
        path: "synthetic", validationShare: 0, classNames: ["a", "b", "c"],
        trainingCounts: [50, 50, 50], validationCounts: []),
      recipe: Recipe(
        model: "test", imageSize: 9, epochs: 8, batchSize: 15, optimizer: Optimizer(.adam()),
        learningRate: 0.01),
      input: form, seed: 1, threads: 1)
    let trainer = try ClassifierTrainer(
      settings: settings, network: network,
      pictures: PreparedPictures(
        training: pictures(count: 150, thirds: [0, 1, 2], seed: 1), validation: nil),
      card: ModelCard(name: "base", classNames: ["a", "b", "c"], preprocessing: form),
      folder: run.folder)
    _ = try trainer.train { _ in }
    values = try ModelFile(path: run.folder.best).tensors
    bytes = run.bytes("best.safetensors")
  }

  /// What a training from the base begins with.
  static func start() throws -> StartingPoint {
    let place = TestSupport.TemporaryFolder()
    return try StartingPoint(
      path: place.write(shared.get().bytes, to: "base.safetensors"), name: "base")
  }
}

/// A training on two other classes, of few pictures, from the base.
private struct Run {
  private let place: TemporaryRun
  var folder: RunFolder { place.folder }

  init() throws { place = try TemporaryRun() }

  /// - Parameter scale: multiplies the kernels and what normalisation keeps of them, so that the network
  ///   answers as before.
  func trainer(
    freeze: Freeze = .none, epochs: Int = 3, orthogonalSteps: OrthogonalSteps? = nil,
    scale: Float = 1
  ) throws -> ClassifierTrainer {
    let start = try Base.start()
    let few = pictures(count: 24, thirds: [2, 0], seed: 3)
    let adapted = try start.network(classes: 2, imageSize: 9)
    var values = try start.values(for: adapted, classNames: few.classNames)
    for (name, factor) in [
      ("conv1.weight", scale), ("norm1.running_mean", scale), ("norm1.running_var", scale * scale),
    ] {
      values[name] = values[name].map { Tensor($0.shape, $0.scalars.map { $0 * factor }) }
    }
    let settings = ClassifierSettings(
      data: .init(
        path: "synthetic", validationShare: 0, classNames: few.classNames,
        trainingCounts: few.classCounts, validationCounts: [20, 20]),
      recipe: Recipe(
        model: "base", imageSize: 9, epochs: epochs, batchSize: 8,
        optimizer: Optimizer(
          .sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4), orthogonalSteps: orthogonalSteps),
        learningRate: 0.01, augmentation: [.shift], averagedEpochs: 1),
      transfer: try start.transfer(freeze, pictures: few.count), input: form, seed: 5, threads: 1)
    return try ClassifierTrainer(
      settings: settings, network: adapted,
      pictures: PreparedPictures(
        training: few, validation: pictures(count: 40, thirds: [2, 0], seed: 4)),
      inherited: values,
      card: ModelCard(name: "test", classNames: few.classNames, preprocessing: form), folder: folder)
  }

  func bytes(_ name: String) -> [UInt8] { place.bytes(name) }
}

extension TrainerTests {
  @Suite struct TransferTests {
    @Test func aHeadAloneLearnsOnCachedFeatures() throws {
      let run = try Run()
      var reports: [EpochReport] = []
      let end = try run.trainer(freeze: .backbone, epochs: 0).train {
        if case .epoch(let report) = $0 { reports.append(report) }
        if case .step = $0 { Issue.record("a step through the whole network") }
      }
      #expect(end == .complete)
      #expect(reports.map(\.epoch) == [0])
      #expect(try #require(reports.first?.validationAccuracy) > 0.9)
      let model = try ModelFile(path: run.folder.best)
      let base = try Base.shared.get().values
      for (name, tensor) in base where !name.hasPrefix("dense2") {
        #expect(model.tensors[name] == tensor, "\(name)")
      }
      #expect(model.tensors["dense2.weight"]?.shape == [2, 16])
      #expect(model.card.classNames == ["third 2", "third 0"])
      #expect(try Classifier(path: run.folder.best).card.name == "test")
    }

    @Test func frozenLayersStayAsTheyAre() throws {
      let run = try Run()
      _ = try run.trainer(freeze: .layers(2)).train { _ in }
      let checkpoint = try Checkpoint(path: run.folder.checkpoint)
      let values = try #require(checkpoint.sections["variables"])
      let base = try Base.shared.get().values
      for name in [
        "conv1.weight", "norm1.weight", "norm1.bias", "norm1.running_mean", "norm1.running_var",
      ] { #expect(values[name] == base[name], "\(name)") }
      #expect(values["dense1.weight"] != base["dense1.weight"])
      let run2 = try Run()
      _ = try run2.trainer().train { _ in }
      let all = try Checkpoint(path: run2.folder.checkpoint).sections["variables"]
      #expect(all?["conv1.weight"] != base["conv1.weight"])
      #expect(all?["norm1.running_mean"] != base["norm1.running_mean"])
    }

    /// Kernels of any length, as trainings leave them, learn alike.
    @Test func orthogonalStepsGoByTheKernelsLength() throws {
      func values(scale: Float) throws -> TensorTable {
        let run = try Run()
        let trainer = try run.trainer(orthogonalSteps: OrthogonalSteps(), scale: scale)
        _ = try trainer.train { _ in }
        return try #require(try Checkpoint(path: run.folder.checkpoint).sections["variables"])
      }
      let (one, other) = (try values(scale: 1), try values(scale: 8))
      let base = try #require(try Base.shared.get().values["conv1.weight"]).scalars
      let kernels = zip(
        try #require(one["conv1.weight"]).scalars, try #require(other["conv1.weight"]).scalars)
      #expect(kernels.allSatisfy { abs($0 - $1 / 8) < 1e-3 })
      let moved = zip(try #require(one["conv1.weight"]).scalars, base).map { abs($0 - $1) }
      #expect(try #require(moved.max()) > 5e-3)
    }

    /// Three steps an epoch; stopped at the first, at an epoch's end and in the last epoch.
    @Test(arguments: [1, 3, 8]) func resumedIsUnbroken(stop: Int) throws {
      let (whole, broken) = (try Run(), try Run())
      _ = try whole.trainer().train { _ in }
      var steps = 0
      _ = try broken.trainer().train {
        guard case .step = $0 else { return }
        steps += 1
        if steps == stop { Interrupt.request() }
      }
      Interrupt.clear()
      #expect(try broken.trainer().train { _ in } == .complete)
      for name in ["log.csv", "best.safetensors", "last.checkpoint", "config.json"] {
        #expect(whole.bytes(name) == broken.bytes(name), "\(name)")
      }
      #expect(String(decoding: whole.bytes("log.csv"), as: UTF8.self).contains("\n0,0,0.003,"))
    }

    @Test func stoppedBeforeTheFirstEpochItBeginsAgain() throws {
      let (whole, broken) = (try Run(), try Run())
      _ = try whole.trainer(epochs: 1).train { _ in }
      let end = try broken.trainer(epochs: 1).train {
        if case .features = $0 { Interrupt.request() }
      }
      Interrupt.clear()
      #expect(end == .interrupted(epoch: 0, step: 0))
      #expect(!broken.folder.contains(broken.folder.checkpoint))
      #expect(try broken.trainer(epochs: 1).train { _ in } == .complete)
      #expect(whole.bytes("last.checkpoint") == broken.bytes("last.checkpoint"))
    }

    /// As many classes are not the same classes.
    @Test func theHeadOfOtherClassesIsNew() throws {
      let start = try Base.start()
      let network = try start.network(classes: 3, imageSize: 9)
      let other = try start.values(for: network, classNames: ["d", "e", "f"])
      #expect(other["dense2.weight"] == nil && other["dense1.weight"] != nil)
      let same = try start.values(for: network, classNames: ["a", "b", "c"])
      #expect(try same["dense2.weight"] == Base.shared.get().values["dense2.weight"])
    }

    @Test func whatCannotBeFrozenOrResizedIsNamed() throws {
      let start = try Base.start()
      #expect(throws: TrainingError.self) { try start.transfer(.layers(6), pictures: 10) }
      #expect(throws: TrainingError.self) { try start.transfer(.layers(-1), pictures: 10) }
      // Dropout before the head belongs to it.
      #expect(try start.transfer(.backbone, pictures: 10).frozenLayers == 5)
      #expect(try start.transfer(.none, pictures: 10).views == 8)
      #expect(try start.transfer(.none, pictures: 15_000).views == 1)
      #expect {
        try start.values(
          for: start.network(classes: 2, imageSize: 12), classNames: ["a", "b"])
      } throws: { "\($0)".contains("dense1.weight would be 16×128") }
    }
  }
}
