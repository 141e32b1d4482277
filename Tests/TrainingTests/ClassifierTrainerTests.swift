import Datasets
import Engine
import Glibc
import Images
import Inference
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Pictures of three classes that a small network can tell apart: a bright left, middle or right
/// third, in noise.
private func pictures(count: Int, seed: UInt64) -> Dataset {
  var random = RandomSource(seed: seed)
  let labels = (0..<count).map { $0 % 3 }
  let images = labels.map { label in
    let bytes = (0..<81).map { place -> UInt8 in
      let isBright = place % 9 / 3 == label
      return UInt8(random.integer(below: 160) + (isBright ? 90 : 0))
    }
    return Image(layout: PixelLayout(width: 9, height: 9, channels: 1), bytes: bytes)
  }
  return Dataset(
    classNames: ["left", "middle", "right"], labels: labels,
    names: (0..<count).map { "picture \($0)" }, source: .memory(images))
}

private let network = Network(input: [9, 9, 1]) {
  Conv2D(8, 3, padding: .same, bias: false)
  BatchNorm(activation: .relu)
  Dropout(0.1)
  MaxPool2D(3)
  Flatten()
  Dense(3)
}

private func settings(
  epochs: Int = 3, learningRate: Float = 0.1, orthogonalSteps: OrthogonalSteps? = nil
) -> ClassifierSettings {
  ClassifierSettings(
    data: .init(
      path: "synthetic", validationShare: 0, classNames: ["left", "middle", "right"],
      trainingCounts: [32, 32, 32], validationCounts: [10, 10, 10]),
    recipe: Recipe(
      model: "test", imageSize: 9, epochs: epochs, batchSize: 16,
      optimizer: Optimizer(
        .sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4), orthogonalSteps: orthogonalSteps),
      learningRate: learningRate, schedule: .cosine, labelSmoothing: 0.1, augmentation: [],
      averagedEpochs: 1),
    input: Preprocessing(width: 9, height: 9, channels: 1, mean: [0.4], std: [0.2]), seed: 5,
    threads: 1)
}

private func trainer(
  _ folder: RunFolder, _ settings: ClassifierSettings = settings()
) throws -> ClassifierTrainer {
  try ClassifierTrainer(
    settings: settings, network: network,
    pictures: PreparedPictures(
      training: pictures(count: 96, seed: 1), validation: pictures(count: 30, seed: 2)),
    card: ModelCard(name: "test", classNames: settings.data.classNames, preprocessing: settings.input),
    folder: folder)
}

extension TrainerTests {
  @Suite struct ClassifierTrainerTests {
    @Test(arguments: [nil, OrthogonalSteps(weightDecay: 0.01)])
    func learnsPicturesAndWritesTheFolder(orthogonalSteps: OrthogonalSteps?) throws {
      let run = try TemporaryRun()
      var last: EpochReport?
      let settings = settings(epochs: 12, orthogonalSteps: orthogonalSteps)
      let end = try trainer(run.folder, settings).train {
        if case .epoch(let report) = $0 { last = report }
      }
      #expect(end == .complete)
      #expect(try #require(last?.validationAccuracy) > 0.9)
      #expect(try #require(last).loss < 0.8)
      for name in [
        "config.json", "log.csv", "log.json", "curves.png", "best.safetensors", "last.checkpoint",
      ] { #expect(run.folder.contains(run.folder.file(name)), "\(name)") }
      let model = try Classifier(path: run.folder.best)
      #expect(model.card.classNames == ["left", "middle", "right"])
      #expect(model.card.metrics["accuracy"].map { $0 > 0.9 } == true)
    }

    @Test func sameSeedSameBytes() throws {
      let runs = [try TemporaryRun(), try TemporaryRun()]
      for run in runs { _ = try trainer(run.folder).train { _ in } }
      for name in ["log.csv", "best.safetensors", "last.checkpoint", "config.json"] {
        #expect(runs[0].bytes(name) == runs[1].bytes(name), "\(name)")
      }
    }

    /// Six steps an epoch: stopped within one, at its end, and within the last.
    @Test(arguments: [3, 6, 9, 17], [nil, OrthogonalSteps()])
    func resumedIsUnbroken(stop: Int, orthogonalSteps: OrthogonalSteps?) throws {
      let (whole, broken) = (try TemporaryRun(), try TemporaryRun())
      let settings = settings(orthogonalSteps: orthogonalSteps)
      _ = try trainer(whole.folder, settings).train { _ in }
      var steps = 0
      let end = try trainer(broken.folder, settings).train {
        guard case .step = $0 else { return }
        steps += 1
        if steps == stop { Interrupt.request() }
      }
      Interrupt.clear()
      if case .interrupted = end {} else { Issue.record("\(end)") }
      #expect(try trainer(broken.folder, settings).train { _ in } == .complete)
      for name in ["log.csv", "best.safetensors", "last.checkpoint"] {
        #expect(whole.bytes(name) == broken.bytes(name), "\(name)")
      }
    }

    @Test func finishedTrainingIsNotDoneAgain() throws {
      let run = try TemporaryRun()
      _ = try trainer(run.folder).train { _ in }
      let before = run.bytes("last.checkpoint")
      let end = try trainer(run.folder).train {
        if case .step = $0 { Issue.record("a step") }
      }
      #expect(end == .complete)
      #expect(run.bytes("last.checkpoint") == before)
    }

    @Test func lostLossNamesStepAndLayer() throws {
      let run = try TemporaryRun()
      #expect {
        try trainer(run.folder, settings(learningRate: 1e30)).train { _ in }
      } throws: { error in
        guard case .notANumber(let epoch, let step, let layer) = error as? TrainingError
        else { return false }
        return epoch == 1 && step > 1 && layer?.isEmpty == false
      }
      #expect(!run.folder.contains(run.folder.best))
    }

    @Test func otherSettingsAreRefusedByName() throws {
      let run = try TemporaryRun()
      _ = try trainer(run.folder, settings(epochs: 1)).train { _ in }
      #expect {
        try trainer(run.folder, settings(epochs: 2))
      } throws: { "\($0)".contains("recipe.epochs was 1, is now 2") }
    }

    @Test func lostPatienceStopsEarly() throws {
      let run = try TemporaryRun()
      var settings = settings(epochs: 50, learningRate: 1e-9)
      settings.recipe.patience = 2
      settings.recipe.averagedEpochs = nil
      settings.recipe.schedule = .constant
      let end = try trainer(run.folder, settings).train { _ in }
      guard case .outOfPatience(let epoch) = end else { return #expect(end == .complete) }
      #expect(epoch < 50)
      // The same command says so again and trains no further.
      #expect(try trainer(run.folder, settings).train { _ in } == end)
    }

    /// `/dev/full` refuses every byte, as a full disk does.
    @Test func fullDiskIsNamedAndLeavesTheRest() throws {
      let run = try TemporaryRun()
      symlink("/dev/full", run.folder.best)
      #expect {
        try trainer(run.folder).train { _ in }
      } throws: { "\($0)".hasPrefix(run.folder.best) && "\($0)".contains("No space left") }
      #expect(run.folder.contains(run.folder.configuration))
      #expect(!run.folder.contains(run.folder.checkpoint))
    }

    @Test func checkpointCutShortIsRefused() throws {
      let run = try TemporaryRun()
      _ = try trainer(run.folder).train { _ in }
      truncate(run.folder.checkpoint, 1_000)
      #expect {
        try trainer(run.folder)
      } throws: {
        "\($0)".contains("last.checkpoint") && "\($0)".contains("delete it to begin anew")
      }
    }

    @Test func fileInPlaceOfTheFolderIsNamed() throws {
      let place = TemporaryFolder()
      let file = place.write([1], to: "file")
      #expect(throws: TrainingError.self) { try RunFolder(path: file) }
    }
  }
}

@Suite struct ClassifierTests {
  private func trained() throws -> TemporaryRun {
    let run = try TemporaryRun()
    _ = try trainer(run.folder, settings(epochs: 1)).train { _ in }
    return run
  }

  @Test func modelAnswersAsInValidation() throws {
    let run = try trained()
    let model = try Classifier(path: run.folder.best)
    let evaluator = ClassifierEvaluator(
      predictor: try model.predictor(batchSize: 7, options: PlanOptions(threads: 1)),
      pictures: pictures(count: 30, seed: 2), form: try #require(model.card.preprocessing))
    let result = try #require(try evaluator.evaluate())
    #expect(result.evaluation.count == 30)
    #expect(result.evaluation.accuracy == model.card.metrics["accuracy"])
    #expect(result.mistakes.count == 30 - result.evaluation.confusion.correct)
  }

  @Test(arguments: [0, 7, 100, 3_000]) func modelCutShortIsRefused(length: Int) throws {
    let run = try trained()
    truncate(run.folder.best, length)
    #expect {
      try Classifier(path: run.folder.best)
    } throws: { "\($0)".hasPrefix(run.folder.best) }
  }

  @Test func tensorsOfAnotherArchitectureAreRefused() throws {
    let run = try trained()
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
