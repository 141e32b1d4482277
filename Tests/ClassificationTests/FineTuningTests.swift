import Classification
import Datasets
import Inference
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing
import Training

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
    let images = Thirds.images(150, seed: 1, classNames: ["a", "b", "c"])
    let task = ClassifierTask(
      settings: ClassifierSettings(
        classNames: images.classNames, trainingCounts: images.classCounts, validationCounts: [],
        recipe: Recipe(
          model: "test", imageSize: 9, epochs: 8, batchSize: 15, optimizer: Optimizer(.adam()),
          learningRate: 0.01),
        input: Thirds.form),
      network: network, images: TrainingSplit(training: images, validation: nil),
      card: ModelCard(name: "base"))
    _ = try Trainer(task, settings: TrainingSettings(threads: 1), folder: run.folder).train()
    values = try ModelFile(path: run.folder.best).tensors
    bytes = run.bytes("best.safetensors")
  }

  static func model() throws -> PretrainedModel {
    let place = TemporaryFolder()
    return try PretrainedModel(
      path: place.write(shared.get().bytes, to: "base.safetensors"), name: "base")
  }
}

/// Two other classes, of few images, from the base.
///
/// - Parameter scale: multiplies the kernels and what normalization keeps of them, so that the network
///   answers as before.
private func task(
  freeze: Freeze = .none, epochs: Int = 3, muon: Muon? = nil,
  scale: Float = 1
) throws -> ClassifierTask {
  let model = try Base.model()
  let few = Thirds.images(24, thirds: [2, 0], seed: 3)
  let adapted = try model.network(classes: 2, imageSize: 9)
  var weights = try model.weights(for: adapted, classNames: few.classNames)
  for (name, factor) in [
    ("conv1.weight", scale), ("norm1.running_mean", scale), ("norm1.running_var", scale * scale),
  ] {
    weights[name] = weights[name].map { Tensor($0.shape, $0.scalars.map { $0 * factor }) }
  }
  let recipe = Recipe(
    model: "base", imageSize: 9, epochs: epochs, batchSize: 8,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4), muon: muon),
    learningRate: 0.01, augmentation: [.shift], emaEpochs: 1)
  return ClassifierTask(
    settings: ClassifierSettings(
      classNames: few.classNames, trainingCounts: few.classCounts, validationCounts: [20, 20],
      recipe: recipe,
      fineTuning: try model.fineTuning(
        freeze, images: few.count, classes: 2, keepsHead: false),
      input: Thirds.form),
    network: adapted,
    images: TrainingSplit(
      training: few, validation: Thirds.images(40, thirds: [2, 0], seed: 4)),
    pretrainedWeights: weights, card: ModelCard(name: "test"))
}

private func train(
  _ task: ClassifierTask, _ run: TemporaryRun, interruption: Interruption = Interruption(),
  report: @escaping (TrainingEvent) -> Void = { _ in }
) throws -> TrainingOutcome {
  try Trainer(
    task, settings: TrainingSettings(seed: 5, threads: 1), folder: run.folder,
    interruption: interruption
  ).train(report: report)
}

private func trained(_ task: ClassifierTask) throws -> TensorTable {
  let run = try TemporaryRun()
  _ = try train(task, run)
  return try ModelFile(path: run.folder.best).tensors
}

@Suite struct FineTuningTests {
  @Test func aHeadAloneLearnsOnCachedFeatures() throws {
    let run = try TemporaryRun()
    var reports: [EpochReport] = []
    let end = try train(task(freeze: .backbone, epochs: 0), run) {
      if case .epoch(let report) = $0 { reports.append(report) }
    }
    #expect(end == .complete)
    #expect(reports.map(\.epoch) == [0])
    #expect(try #require(reports.first?.values["validation_accuracy"]) > 0.9)
    let model = try ModelFile(path: run.folder.best)
    for (name, tensor) in try Base.shared.get().values where !name.hasPrefix("dense2") {
      #expect(model.tensors[name] == tensor, "\(name)")
    }
    #expect(model.tensors["dense2.weight"]?.shape == [2, 16])
    #expect(model.card.classNames == ["third 2", "third 0"])
    #expect(try Classifier(path: run.folder.best).card.name == "test")
    // Nothing is left to be done.
    #expect(
      try train(task(freeze: .backbone, epochs: 0), run) {
        if case .step = $0 { Issue.record("a step") }
      } == .complete)
  }

  @Test func frozenLayersStayAsTheyAre() throws {
    let base = try Base.shared.get().values
    let values = try trained(task(freeze: .layers(2)))
    for name in [
      "conv1.weight", "norm1.weight", "norm1.bias", "norm1.running_mean", "norm1.running_var",
    ] { #expect(values[name] == base[name], "\(name)") }
    #expect(values["dense1.weight"] != base["dense1.weight"])
    let all = try trained(task())
    #expect(all["conv1.weight"] != base["conv1.weight"])
    #expect(all["norm1.running_mean"] != base["norm1.running_mean"])
  }

  /// Kernels of any length, as trainings leave them, learn alike.
  @Test func orthogonalStepsGoByTheKernelsLength() throws {
    let one = try trained(task(muon: Muon()))
    let other = try trained(task(muon: Muon(), scale: 8))
    let base = try #require(try Base.shared.get().values["conv1.weight"]).scalars
    let kernels = zip(
      try #require(one["conv1.weight"]).scalars, try #require(other["conv1.weight"]).scalars)
    #expect(kernels.allSatisfy { abs($0 - $1 / 8) < 1e-3 })
    let moved = zip(try #require(one["conv1.weight"]).scalars, base).map { abs($0 - $1) }
    #expect(try #require(moved.max()) > 2e-3)
  }

  @Test func stoppedAmongTheFeaturesItBeginsAgain() throws {
    let (whole, broken) = (try TemporaryRun(), try TemporaryRun())
    _ = try train(task(epochs: 1), whole)
    let interruption = Interruption()
    let end = try train(task(epochs: 1), broken, interruption: interruption) {
      if case .preparing = $0 { interruption.request() }
    }
    #expect(end == .interrupted(epoch: 0, step: 0))
    #expect(!broken.folder.contains(broken.folder.checkpoint))
    #expect(try train(task(epochs: 1), broken) == .complete)
    #expect(whole.bytes("last.checkpoint") == broken.bytes("last.checkpoint"))
  }

  /// A thousand steps of the head: stopped within, it goes on there.
  @Test func aHeadThatWasStoppedGoesOn() throws {
    let (whole, broken) = (try TemporaryRun(), try TemporaryRun())
    _ = try train(task(epochs: 1), whole)
    let interruption = Interruption()
    let end = try train(task(epochs: 1), broken, interruption: interruption) {
      if case .step(let report) = $0, report.step == 437 { interruption.request() }
    }
    #expect(end == .interrupted(epoch: 0, step: 437))
    var steps = 0
    #expect(
      try train(task(epochs: 1), broken) {
        if case .step(let report) = $0, report.epoch == 0 { steps += 1 }
      } == .complete)
    #expect(steps == 563)
    for name in ["log.csv", "best.safetensors", "last.checkpoint"] {
      #expect(whole.bytes(name) == broken.bytes(name), "\(name)")
    }
  }

  /// As many classes are not the same classes.
  @Test func theHeadOfOtherClassesIsNew() throws {
    let model = try Base.model()
    let network = try model.network(classes: 3, imageSize: 9)
    let other = try model.weights(for: network, classNames: ["d", "e", "f"])
    #expect(other["dense2.weight"] == nil && other["dense1.weight"] != nil)
    let same = try model.weights(for: network, classNames: ["a", "b", "c"])
    #expect(try same["dense2.weight"] == Base.shared.get().values["dense2.weight"])
  }

  @Test func whatCannotBeFrozenOrResizedIsNamed() throws {
    let model = try Base.model()
    #expect(throws: TrainingError.self) {
      try model.fineTuning(.layers(6), images: 10, classes: 2, keepsHead: false)
    }
    #expect(throws: TrainingError.self) {
      try model.fineTuning(.layers(-1), images: 10, classes: 2, keepsHead: false)
    }
    // Dropout before the head belongs to it.
    #expect(
      try model.fineTuning(.backbone, images: 10, classes: 2, keepsHead: false).frozenLayers == 5)
    // Before the pool, of few images a class alone.
    for (images, keepsHead, frozen) in [(10, false, 2), (200, false, 0), (10, true, 0)] {
      #expect(
        try model.fineTuning(.automatic, images: images, classes: 2, keepsHead: keepsHead)
          .frozenLayers == frozen)
    }
    #expect(
      try model.fineTuning(.none, images: 10, classes: 2, keepsHead: false).augmentedViews == 4)
    #expect(
      try model.fineTuning(.none, images: 10, classes: 2, keepsHead: true).augmentedViews == 0)
    #expect(
      try model.fineTuning(.none, images: 15_000, classes: 2, keepsHead: false).augmentedViews == 1)
    #expect {
      try model.weights(for: model.network(classes: 2, imageSize: 12), classNames: ["a", "b"])
    } throws: { "\($0)".contains("dense1.weight of base would be 16×128") }
  }
}
