import Datasets
import Generation
import Images
import Inference
import ModelFiles
import Networks
import TestSupport
import Testing
import Training

/// Images of two tones, dark above bright, some a little brighter than others.
private func images(_ count: Int) -> Dataset {
  let images = (0..<count).map { index in
    let tones: [UInt8] = [30 + UInt8(index % 8) * 3, 200 + UInt8(index % 8) * 3]
    return Image(
      layout: PixelLayout(width: 32, height: 32, channels: 3),
      bytes: (0..<3 * 32 * 32).map { tones[$0 / (3 * 32 * 16)] })
  }
  return Dataset(
    classNames: [""], labels: Array(repeating: 0, count: count),
    names: (0..<count).map { "\($0)" }, source: .memory(images))
}

private func task(
  _ recipe: GANRecipe = .dcgan, change: (inout GANRecipe) -> Void = { _ in }
) throws -> GANTask {
  var recipe = recipe
  recipe.batchSize = 8
  recipe.epochs = 2
  change(&recipe)
  let images = images(24)
  return try GANTask(
    settings: GANSettings(
      data: DataIdentity(path: "tones", names: images.names), trainingCount: 24, size: 32,
      width: 4, latentSize: 8, recipe: recipe, evaluationSamples: 2),
    images: images, reference: nil, card: ModelCard(name: "tones"))
}

private func train(
  _ task: GANTask, _ run: TemporaryRun, report: @escaping (TrainingEvent) -> Void = { _ in }
) throws -> TrainingOutcome {
  try Trainer(
    task, settings: TrainingSettings(seed: 7, threads: 2), folder: run.folder
  ).train(report: report)
}

@Suite struct GANTaskTests {
  private func kind(_ number: Int) throws -> GANTask {
    switch number {
    case 0: try task()
    case 1: try task(.r1)
    case 2: try task(.spectralNorm)
    case 3:
      try task {
        $0.loss = .wasserstein
        $0.normalization = .none
        $0.gradientPenaltyWeight = 10
      }
    default:
      try task {
        $0.loss = .wasserstein
        $0.weightClip = 0.01
      }
    }
  }

  @Test(arguments: 0..<5)
  func everyKindTrainsAndWritesItsFolder(kind: Int) throws {
    let run = try TemporaryRun()
    var epochs = 0
    let end = try train(self.kind(kind), run) { event in
      if case .epoch(let report) = event {
        epochs += 1
        for name in ["discriminator_loss", "generator_loss", "d_real", "d_fake"] {
          #expect(report.values[name]?.isFinite == true, "\(name)")
        }
      }
    }
    #expect(end == .complete)
    #expect(epochs == 2)
    #expect(run.folder.contains(run.folder.file("samples/epoch-0002.png")))
    let model = try Generator(path: run.folder.best)
    #expect(try model.imageGenerator().images(of: [Latents.latent(seed: 1, count: 8)]).count == 1)
    let metadata = try ModelFile.metadata(path: run.folder.best)
    #expect(HoldOut.heldOutAnything(metadata) == false)
  }

  /// With one of the two rates zero, that network stays as it was.
  @Test(arguments: [true, false])
  func eachIsHeldConstantWhileTheOtherLearns(generatorLearns: Bool) throws {
    func values(epochs: Int) throws -> TensorTable {
      let run = try TemporaryRun()
      let task = try task {
        $0.epochs = epochs
        $0.generatorLearningRate = generatorLearns ? 0.01 : 0
        $0.discriminatorLearningRate = generatorLearns ? 0 : 0.01
      }
      _ = try train(task, run)
      return try #require(try Checkpoint(path: run.folder.checkpoint).sections["variables"])
    }
    let (before, after) = (try values(epochs: 1), try values(epochs: 2))
    let (generator, discriminator) = ("generator.main.0.weight", "discriminator.main.0.weight")
    #expect((before[generator] != after[generator]) == generatorLearns)
    #expect((before[discriminator] != after[discriminator]) != generatorLearns)
  }

  /// After some passes every sample is dark above and bright below, the means of all within 35 of the
  /// data's.
  @Test func learnsTwoTones() throws {
    let run = try TemporaryRun()
    let task = try task(.r1) {
      $0.epochs = 60
      $0.r1Gamma = 0.2
      $0.emaHalfLife = 200
      $0.generatorLearningRate = 5e-3
      $0.discriminatorLearningRate = 2e-3
    }
    _ = try train(task, run)
    let samples = try Generator(path: run.folder.best).imageGenerator().images(
      of: (0..<32).map { Latents.latent(seed: $0, count: 8) })
    let tones = samples.map { image in
      image.withUnsafeBytes { bytes in
        [bytes[..<(bytes.count / 2)], bytes[(bytes.count / 2)...]].map { half in
          half.reduce(0) { $0 + Int($1) } / half.count
        }
      }
    }
    #expect(tones.allSatisfy { $0[0] < 90 && $0[1] > 165 }, "\(tones)")
    let means = [0, 1].map { half in tones.reduce(0) { $0 + $1[half] } / tones.count }
    #expect(abs(means[0] - 40) < 35 && abs(means[1] - 210) < 35, "\(means)")
  }

  @Test func aSampleDependsOnItsLatentAlone() throws {
    let run = try TemporaryRun()
    _ = try train(task(), run)
    let sampler = try Generator(path: run.folder.best).imageGenerator()
    let latents = (0..<37).map { Latents.latent(seed: $0, count: 8) }
    let many = try sampler.images(of: latents)
    for index in [0, 15, 16, 36] {
      let alone = try sampler.images(of: [latents[index]])[0]
      #expect(alone.withUnsafeBytes(Array.init) == many[index].withUnsafeBytes(Array.init))
    }
  }

  @Test func refusesAPenaltyWithBatchNormalization() {
    #expect(throws: TrainingError.self) { try task { $0.r1Gamma = 1 } }
  }

  /// Every tenth image is held out, where there are enough to spare some.
  @Test func someOfManyImagesAreHeldOut() {
    #expect(HoldOut.interval(of: 199, measures: true) == nil)
    #expect(HoldOut.interval(of: 200, measures: true) == 10)
    #expect(HoldOut.interval(of: 200, measures: false) == nil)
    let parts = images(25).split(holdingOutEvery: 10)
    #expect(parts.heldOut.names == ["9", "19"] && parts.training.count == 23)
  }
}
