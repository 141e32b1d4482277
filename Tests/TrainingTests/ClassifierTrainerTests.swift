import Datasets
import Engine
import Glibc
import Images
import ModelFiles
import Networks
import Tensors
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

private func folder(_ name: String) throws -> RunFolder {
  var template = Array("/tmp/vision-training-XXXXXX".utf8CString)
  let path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  return try RunFolder(path: path + "/" + name)
}

private func settings(epochs: Int = 3, learningRate: Float = 0.1) -> ClassifierSettings {
  ClassifierSettings(
    data: .init(
      path: "synthetic", validationShare: 0, classNames: ["left", "middle", "right"],
      trainingCounts: [32, 32, 32], validationCounts: [10, 10, 10]),
    recipe: Recipe(
      model: "test", imageSize: 9, epochs: epochs, batchSize: 16,
      optimizer: Optimizer(.sgd(momentum: 0.9, nesterov: true, weightDecay: 1e-4)),
      learningRate: learningRate, schedule: .cosine, labelSmoothing: 0.1, augmentation: [],
      averagedEpochs: 1),
    input: InputForm(width: 9, height: 9, channels: 1, mean: [0.4], deviation: [0.2]), seed: 5,
    threads: 2)
}

private func trainer(
  _ folder: RunFolder, _ settings: ClassifierSettings = settings()
) throws -> ClassifierTrainer {
  try ClassifierTrainer(
    settings: settings, network: network,
    pictures: PreparedPictures(
      training: pictures(count: 96, seed: 1), validation: pictures(count: 30, seed: 2)),
    card: ModelCard(name: "test", classNames: settings.data.classNames, input: settings.input),
    folder: folder)
}

private func bytes(_ path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "r"))
  defer { fclose(file) }
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { all += buffer[..<count] }
  return all
}

@Suite(.serialized) struct ClassifierTrainerTests {
  @Test func learnsPictures() throws {
    let folder = try folder("run")
    var last: EpochReport?
    let end = try trainer(folder, settings(epochs: 12)).train {
      if case .epoch(let report) = $0 { last = report }
    }
    #expect(end == .complete)
    #expect(try #require(last?.validationAccuracy) > 0.9)
    #expect(try #require(last).loss < 0.6)
    for file in [folder.configuration, folder.log, folder.timedLog, folder.best, folder.checkpoint] {
      #expect(folder.contains(file))
    }
    #expect(folder.contains(folder.file("curves.png")))
  }

  @Test func sameSeedSameBytes() throws {
    let folders = [try folder("a"), try folder("a")]
    for folder in folders { _ = try trainer(folder).train { _ in } }
    for name in ["log.csv", "best.safetensors", "last.checkpoint", "config.json"] {
      #expect(try bytes(folders[0].file(name)) == bytes(folders[1].file(name)), "\(name)")
    }
  }

  /// Stopped in the middle of an epoch, and again between two.
  @Test(arguments: [3, 6, 9, 17]) func resumedIsUnbroken(stop: Int) throws {
    let (whole, broken) = (try folder("a"), try folder("a"))
    _ = try trainer(whole).train { _ in }
    var steps = 0
    let end = try trainer(broken).train {
      guard case .step = $0 else { return }
      steps += 1
      if steps == stop { Interrupt.request() }
    }
    Interrupt.clear()
    if case .interrupted = end {} else { Issue.record("\(end)") }
    #expect(try trainer(broken).train { _ in } == .complete)
    for name in ["log.csv", "best.safetensors", "last.checkpoint"] {
      #expect(try bytes(whole.file(name)) == bytes(broken.file(name)), "\(name)")
    }
  }

  @Test func notANumberNamesTheStep() throws {
    let folder = try folder("run")
    #expect {
      try trainer(folder, settings(learningRate: 1e30)).train { _ in }
    } throws: { error in
      guard case .notANumber(let epoch, _, let layer) = error as? TrainingError else { return false }
      return epoch == 1 && layer != nil
    }
  }

  @Test func otherSettingsAreRefusedByName() throws {
    let folder = try folder("run")
    _ = try trainer(folder, settings(epochs: 1)).train { _ in }
    #expect {
      try trainer(folder, settings(epochs: 2))
    } throws: { "\($0)".contains("recipe.epochs was 1.0, is now 2.0") }
  }
}
