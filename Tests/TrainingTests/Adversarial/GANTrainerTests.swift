import Datasets
import Engine
import Images
import Inference
import ModelFiles
import Networks
import Tensors
import Testing
import Training

/// Pictures of two tones, dark above bright, some a little brighter than others.
private func pictures(_ count: Int) -> Dataset {
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

private func settings(_ change: (inout GANRecipe) -> Void = { _ in }) -> GANSettings {
  var recipe = GANRecipe.paper
  recipe.batchSize = 8
  recipe.epochs = 2
  change(&recipe)
  return GANSettings(
    path: "tones", trainingCount: 24, holdOut: nil, size: 32, width: 4, latent: 8, recipe: recipe,
    featureModel: nil, qualitySamples: 2, seed: 7, threads: 2)
}

private func trainer(_ folder: RunFolder, _ settings: GANSettings) throws -> GANTrainer {
  try GANTrainer(
    settings: settings, pictures: pictures(24), reference: nil, card: ModelCard(name: "tones"),
    folder: folder)
}

extension TrainerTests {
  @Suite struct GANTrainerTests {
    @Test(
      arguments: [
        settings(),
        settings { $0 = with(.penalized, batch: 8) },
        settings { $0 = with(.spectral, batch: 8) },
        settings {
          $0.loss = .wasserstein
          $0.normalization = .none
          $0.gradientPenalty = 10
        },
        settings {
          $0.loss = .wasserstein
          $0.weightLimit = 0.01
        },
      ])
    func everyKindTrainsAndWritesItsFolder(settings: GANSettings) throws {
      let run = try TemporaryRun()
      let trainer = try trainer(run.folder, settings)
      var epochs = 0
      let end = try trainer.train { event in
        if case .epoch(let report) = event {
          epochs += 1
          #expect(report.steps.discriminatorLoss.isFinite && report.steps.generatorLoss.isFinite)
        }
      }
      #expect(end == .complete)
      #expect(epochs == 2)
      for name in [
        "config.json", "log.csv", "curves.png", "last.checkpoint", "samples/epoch-0002.png",
      ] {
        #expect(run.folder.contains(run.folder.file(name)), "\(name)")
      }
      let model = try Generator(path: run.folder.best)
      #expect(
        try model.imageGenerator().images(of: [Latents.latent(seed: 1, count: 8)]).count == 1)
    }

    @Test func aStoppedTrainingEndsWithTheSameBytes() throws {
      let (whole, parts) = (try TemporaryRun(), try TemporaryRun())
      let settings = settings { $0 = with(.penalized, batch: 8) }
      _ = try trainer(whole.folder, settings).train { _ in }
      var steps = 0
      Interrupt.clear()
      let end = try trainer(parts.folder, settings).train { event in
        if case .step = event { steps += 1 }
        if steps == 4 { Interrupt.request() }
      }
      #expect(end == .interrupted(epoch: 2, step: 1))
      Interrupt.clear()
      #expect(try trainer(parts.folder, settings).train { _ in } == .complete)
      for name in ["best.safetensors", "log.csv"] {
        #expect(whole.bytes(name) == parts.bytes(name), "\(name)")
      }
    }

    /// Every time training goes back to the last state that was saved, here the first, with half the rates;
    /// in the end it gives up.
    @Test func goesBackFromLossesThatAreNoNumbers() throws {
      let run = try TemporaryRun()
      let trainer = try trainer(
        run.folder,
        settings {
          $0.generatorRate = 1e30
          $0.discriminatorRate = 1e30
        })
      let weights = ["generator.main.0.weight", "discriminator.main.0.weight"]
      let first = weights.map { trainer.value(of: $0) }
      var alarms: [String] = []
      let error = #expect(throws: TrainingError.self) {
        try trainer.train { event in
          guard case .alarm(let text) = event else { return }
          alarms.append(text)
          #expect(weights.map { trainer.value(of: $0) } == first)
        }
      }
      #expect("\(try #require(error))".contains("not a number"))
      let begin = "the loss is not a number at step "
      #expect(alarms.count > 2 && alarms.allSatisfy { $0.hasPrefix(begin) }, "\(alarms)")
      for (text, factor) in zip(alarms, [0.5, 0.25, 0.125]) {
        #expect(text.hasSuffix("learning rates × \(factor)"))
      }
    }

    /// With one of the two rates zero, that network stays as it was.
    @Test(arguments: [true, false])
    func eachIsHeldConstantWhileTheOtherLearns(generatorLearns: Bool) throws {
      let run = try TemporaryRun()
      let settings = settings {
        $0.epochs = 1
        $0.generatorRate = generatorLearns ? 0.01 : 0
        $0.discriminatorRate = generatorLearns ? 0 : 0.01
      }
      let trainer = try trainer(run.folder, settings)
      let weights = ["generator.main.0.weight", "discriminator.main.0.weight"]
      let before = weights.map { trainer.value(of: $0) }
      _ = try trainer.train { _ in }
      let after = weights.map { trainer.value(of: $0) }
      #expect((before[0] != after[0]) == generatorLearns)
      #expect((before[1] != after[1]) != generatorLearns)
    }

    /// After some passes every sample is dark above and bright below, the means of all within 35 of the
    /// data's.
    @Test func learnsTwoTones() throws {
      let run = try TemporaryRun()
      let settings = settings {
        $0 = with(.penalized, batch: 8)
        $0.epochs = 60
        $0.realPenalty = 0.2
        $0.averagedPictures = 200
        $0.generatorRate = 5e-3
        $0.discriminatorRate = 2e-3
      }
      _ = try trainer(run.folder, settings).train { _ in }
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

    @Test func ratesFallToNothingInTheLastQuarter() {
      var recipe = GANRecipe.paper
      #expect(recipe.rateShare(step: 99, of: 100) == 1)
      recipe.constantShare = 0.75
      let shares = [0, 75, 80, 90, 100].map { recipe.rateShare(step: $0, of: 100) }
      for (share, expected) in zip(shares, [1, 1, 0.8, 0.4, 0] as [Float]) {
        #expect(abs(share - expected) < 1e-6)
      }
    }

    @Test func aSampleDependsOnItsLatentAlone() throws {
      let run = try TemporaryRun()
      _ = try trainer(run.folder, settings()).train { _ in }
      let sampler = try Generator(path: run.folder.best).imageGenerator()
      let latents = (0..<37).map { Latents.latent(seed: $0, count: 8) }
      let many = try sampler.images(of: latents)
      for index in [0, 15, 16, 36] {
        let alone = try sampler.images(of: [latents[index]])[0]
        #expect(alone.withUnsafeBytes(Array.init) == many[index].withUnsafeBytes(Array.init))
      }
    }

    @Test func refusesAPenaltyWithBatchNormalisation() throws {
      let run = try TemporaryRun()
      #expect(throws: TrainingError.self) {
        try trainer(run.folder, settings { $0.realPenalty = 1 })
      }
    }
  }
}

private func with(_ recipe: GANRecipe, batch: Int) -> GANRecipe {
  var recipe = recipe
  recipe.batchSize = batch
  recipe.epochs = 2
  return recipe
}
