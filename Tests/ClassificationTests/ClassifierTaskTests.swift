import Classification
import Datasets
import Engine
import Glibc
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
  Dropout(0.1)
  MaxPool2D(3)
  Flatten()
  Dense(3)
}

private let validation = Thirds.images(30, seed: 2)

private func task(
  epochs: Int = 3, muon: Muon? = nil, network: Network = network,
  change: (inout Recipe) -> Void = { _ in }
) -> ClassifierTask {
  var recipe = Recipe(
    model: "test", imageSize: 9, epochs: epochs, batchSize: 16,
    optimizer: Optimizer(
      .sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4), muon: muon),
    learningRate: 0.1, labelSmoothing: 0.1, emaEpochs: 1)
  change(&recipe)
  let training = Thirds.images(96, seed: 1)
  return ClassifierTask(
    settings: ClassifierSettings(
      classNames: training.classNames, trainingCounts: training.classCounts,
      validationCounts: validation.classCounts, recipe: recipe, input: Thirds.form),
    network: network, images: TrainingSplit(training: training, validation: validation),
    card: ModelCard(name: "test"))
}

private func train(
  _ task: ClassifierTask, _ run: TemporaryRun, report: @escaping (TrainingEvent) -> Void = { _ in }
) throws -> TrainingOutcome {
  try Trainer(task, settings: TrainingSettings(seed: 5, threads: 1), folder: run.folder)
    .train(report: report)
}

@Suite struct ClassifierTaskTests {
  /// A classifier on the side learns by its share of the loss, and so does what lies before it; the model
  /// that is used has nothing of it.
  @Test func classifiersOnTheSideLearn() throws {
    func trained(share: Float) throws -> (checkpoint: Checkpoint, model: ModelFile) {
      let network = Network(input: [9, 9, 1]) {
        Conv2D(4, 3, padding: .same, activation: .relu)
        Auxiliary(weight: share) {
          Flatten()
          Dense(3)
        }.named("aux")
        MaxPool2D(3)
        Flatten()
        Dense(3)
      }
      let run = try TemporaryRun()
      _ = try train(task(epochs: 1, network: network) { $0.emaEpochs = nil }, run)
      return (
        try Checkpoint(path: run.folder.checkpoint), try ModelFile(path: run.folder.best)
      )
    }
    let (with, without) = (try trained(share: 0.3), try trained(share: 0))
    for name in ["aux.dense1.weight", "conv1.weight"] {
      func value(_ checkpoint: Checkpoint) -> Tensor? {
        checkpoint.sections.values.lazy.compactMap { $0[name] }.first
      }
      let own = try #require(value(with.checkpoint))
      #expect(own != value(without.checkpoint), "\(name)")
    }
    #expect(
      with.model.tensors.names.sorted() == [
        "conv1.bias", "conv1.weight", "dense1.bias", "dense1.weight",
      ])
  }

  @Test(arguments: [nil, Muon(weightDecay: 0.01)])
  func learnsImagesAndDrawsTheirFigures(muon: Muon?) throws {
    let run = try TemporaryRun()
    var last: EpochReport?
    let end = try train(task(epochs: 12, muon: muon), run) {
      if case .epoch(let report) = $0 { last = report }
    }
    #expect(end == .complete)
    #expect(try #require(last?.values["validation_accuracy"]) > 0.9)
    #expect(try #require(last?.values["loss"]) < 0.8)
    #expect(run.folder.contains(run.folder.file("confusion.png")))
    let model = try Classifier(path: run.folder.best)
    #expect(model.card.classNames == ["third 0", "third 1", "third 2"])
    #expect(model.card.metrics["accuracy"].map { $0 > 0.9 } == true)
    #expect(model.card.evaluatedOn == "30 validation images")
  }

  @Test func stopsEarlyWhenValidationNoLongerImproves() throws {
    let run = try TemporaryRun()
    let task = task(epochs: 50) {
      $0.learningRate = 1e-9
      $0.patience = 2
      $0.emaEpochs = nil
      $0.schedule = .constant
    }
    let end = try train(task, run)
    guard case .stoppedEarly(let epoch) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(epoch < 50)
    // The same training says so again and goes no further.
    #expect(try train(task, run) == end)
  }

  /// Ten times as many images to measure by as to learn from: measured in every fifth epoch, and in the
  /// last.
  @Test func manyValidationImagesAreMeasuredSeldom() throws {
    let run = try TemporaryRun()
    var task = task(epochs: 6) { $0.batchSize = 3 }
    task = ClassifierTask(
      settings: task.settings, network: network,
      images: TrainingSplit(training: Thirds.images(3, seed: 1), validation: validation),
      card: ModelCard(name: "test"))
    var measured: [Bool] = []
    _ = try train(task, run) {
      if case .epoch(let report) = $0 {
        measured.append(report.values["validation_accuracy"] != nil)
      }
    }
    #expect(measured == [false, false, false, false, true, true])
  }

  /// The network before its last layer is Rescaling or Whitening: values that follow from the data.
  @Test func aWhiteningLayerIsAdaptedToTheImages() throws {
    let run = try TemporaryRun()
    let whitened = Network(input: [9, 9, 1]) {
      Whitening(2)
      GlobalAveragePool()
      Dense(3)
    }
    let plain = task(epochs: 1) { $0.emaEpochs = nil }
    _ = try train(
      ClassifierTask(
        settings: plain.settings, network: whitened, images: plain.images,
        card: ModelCard(name: "test")), run)
    let weight = try #require(try ModelFile(path: run.folder.best).tensors["whitening1.weight"])
    let images = Tensor([96, 1, 9, 9]) { values in
      Loader(ImageExamples(plain.images.training, form: Thirds.form), batchSize: 96).next {
        _ = $0.write(ImageExamples.image, to: values)
      }
    }
    #expect(Whitening(2).values(adaptedTo: images).first?.value == weight)
  }

  @Test func modelAnswersAsInValidation() throws {
    let run = try TemporaryRun()
    _ = try train(task(epochs: 1), run)
    let model = try Classifier(path: run.folder.best)
    let evaluator = ClassifierEvaluator(
      predictor: try model.predictor(batchSize: 7, options: PlanOptions(threads: 1)),
      images: validation, form: try #require(model.card.preprocessing))
    let result = try evaluator.evaluate()
    #expect(result.evaluation.count == 30)
    #expect(result.evaluation.accuracy == model.card.metrics["accuracy"])
    #expect(result.mistakes.count == 30 - result.evaluation.confusion.correct)
    let interruption = Interruption()
    interruption.request()
    #expect(throws: TrainingError.interrupted) {
      try evaluator.evaluate(interruption: interruption)
    }
  }

  @Test(arguments: [0, 7, 100, 3_000]) func modelCutShortIsRefused(length: Int) throws {
    let run = try TemporaryRun()
    _ = try train(task(epochs: 1), run)
    truncate(run.folder.best, length)
    #expect {
      try Classifier(path: run.folder.best)
    } throws: { "\($0)".hasPrefix(run.folder.best) }
  }

  @Test func tensorsOfAnotherArchitectureAreRefused() throws {
    let run = try TemporaryRun()
    _ = try train(task(epochs: 1), run)
    var file = try ModelFile(path: run.folder.best)
    file.tensors["dense1.weight"] = Tensor.zeros([3, 5])
    try file.write(to: run.folder.best)
    #expect {
      try Classifier(path: run.folder.best)
    } throws: { "\($0)".contains("of another architecture: dense1.weight is 3×5") }
    file.tensors["dense1.weight"] = nil
    try file.write(to: run.folder.best)
    #expect {
      try Classifier(path: run.folder.best)
    } throws: { "\($0)".contains("lacks the tensor dense1.weight") }
  }
}
