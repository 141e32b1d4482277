import Datasets
import Engine
import Graphs
import Images
import Inference
import ModelFiles
import Models
import Networks
import Training

/// Whole images with noise through the code; the mean squared error is minimized.
struct AutoencoderPhase: Phase {
  let task: AutoencoderTask

  /// Images of the figure.
  private static let shownCount = 10

  var plan: PhasePlan {
    task.settings.plan(
      Restoration.Kind.autoencoding.rawValue,
      selection: task.validation.map { _ in Selection(("psnr", largest: true)) })
  }

  func examples(_ context: PhaseContext) throws(TrainingError) -> any ExampleSource {
    NoisyImages(images: task.images, form: task.settings.form)
  }

  func build(_ variant: Variant, into step: StepBuilder) throws(TrainingError) {
    do {
      let input = try step.input(NoisyImages.image)
      let target = try step.input(NoisyImages.target)
      let network = try task.network().build(on: input, mode: .training)
      let loss = try (network.output - target).map(.square).mean()
      try step.minimize(
        loss, network.parameters, with: Optimizer(.adam()),
        learningRate: task.settings.learningRate)
      step.report("loss", loss)
    } catch { throw TrainingError(wrapping: error) }
  }

  // MARK: - After an epoch

  func measure(_ snapshot: Snapshot) throws(TrainingError) -> Measures {
    guard let validation = task.validation else { return Measures() }
    let seen = try pass(validation, snapshot)
    guard !seen.isEmpty else { return Measures() }
    var values = ["psnr": seen.map(\.psnr).reduce(0, +) / Double(seen.count)]
    if Set(seen.map(\.label)).count > 1 {
      values["neighbors"] = Neighbors.agreement(
        codes: seen.map(\.code), classes: seen.map(\.label))
    }
    return Measures(values)
  }

  /// Writes a figure of images with noise, of what their codes make, and of the images themselves:
  /// `reconstructions.png`.
  func draw(_ snapshot: Snapshot, in folder: RunFolder) throws(TrainingError) {
    let images = task.validation ?? task.images
    let shown = images[Array(0..<min(Self.shownCount, images.count))]
    let seen = try pass(shown, snapshot)
    guard !seen.isEmpty else { return }
    let path = folder.file("reconstructions.png")
    do {
      let rows = [\Seen.input, \.output, \.target]
      try Image(
        montage: rows.flatMap { row in seen.map { image(of: $0[keyPath: row]) } },
        columns: seen.count
      ).write(path: path)
    } catch { throw .file(path: path, problem: "\(error)") }
  }

  /// Planes 0…1 as an image.
  private func image(of planes: [Float]) -> Image {
    let (size, colors) = (task.settings.size, task.settings.colors)
    var image = Image(layout: PixelLayout(width: size, height: size, channels: colors))
    image.withUnsafeMutableBytes { bytes in
      for place in 0..<size * size {
        for color in 0..<colors {
          let value = planes[color * size * size + place] * 255 + 0.5
          bytes[place * colors + color] = UInt8(min(max(value, 0), 255))
        }
      }
    }
    return image
  }

  /// What the network makes of an image.
  private struct Seen {
    var label: Int
    var psnr: Double
    var code: [Float]
    var input: [Float]
    var output: [Float]
    var target: [Float]
  }

  /// The two plans that look at a snapshot.
  private struct Runners {
    let code: BatchRunner
    let output: BatchRunner
  }

  private func pass(_ images: Dataset, _ snapshot: Snapshot) throws(TrainingError) -> [Seen] {
    do {
      let runners = try snapshot.tool { () throws(TrainingError) in
        let network = try task.network()
        return try wrappingInference { () throws(InferenceError) in
          func runner(_ output: (BuiltNetwork) throws -> Node) throws(InferenceError) -> BatchRunner
          {
            try BatchRunner(
              network, variables: snapshot.variables, batchSize: 1,
              scope: snapshot.scope(of: nil), options: snapshot.context.options, output: output)
          }
          return Runners(
            code: try runner { try $0.code(of: "the autoencoder") }, output: try runner(\.output))
        }
      }
      let source = NoisyImages(images: images, form: task.settings.form)
      let loader = Loader(source, batchSize: 1, threads: 1)
      var result: [Seen] = []
      for _ in 0..<loader.batchCount {
        try snapshot.context.interruption.check()
        let seen: Seen? = try loader.next { batch in
          guard batch.count == 1 else { return nil }
          var (input, target) = (
            [Float](repeating: 0, count: runners.output.inputCount),
            [Float](repeating: 0, count: runners.output.inputCount)
          )
          input.withUnsafeMutableBufferPointer { _ = batch.write(NoisyImages.image, to: $0) }
          target.withUnsafeMutableBufferPointer { _ = batch.write(NoisyImages.target, to: $0) }
          func run(_ runner: BatchRunner) throws(InferenceError) -> [Float] {
            try runner.runBatch {
              _ = $0.update(fromContentsOf: input)
            } _: { _, values in
              Array(values)
            }
          }
          let output = try run(runners.output).map { min(max($0, 0), 1) }
          let error = zip(output, target).reduce(0.0) {
            $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
          }
          return Seen(
            label: images.labels[batch.indices[0]],
            psnr: PSNR.decibels(meanSquaredError: error / Double(target.count)),
            code: try run(runners.code), input: input, output: output, target: target)
        }
        if let seen { result.append(seen) }
      }
      return result
    } catch { throw TrainingError(wrapping: error) }
  }
}

extension BuiltNetwork {
  /// The node of the code.
  func code(of name: String) throws(InferenceError) -> Node {
    guard let code = output(of: Models.autoencoderCode) else {
      throw .network("\(name) makes no code")
    }
    return code
  }
}
