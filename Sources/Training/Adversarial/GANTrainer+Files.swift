import Figures
import Images
import ModelFiles
import Tensors

/// What a checkpoint says beside its tensors.
private struct CheckpointRecord: Codable {
  var settings: GANSettings
  var state: GANState
}

extension GANTrainer {
  /// Saves all that is needed to go on from this very step.
  func saveCheckpoint() throws(TrainingError) {
    var values = TensorTable()
    for name in variables.names { values[name] = variables[name] }
    try folder.saveCheckpoint(
      CheckpointRecord(settings: settings, state: state), sections: ["variables": values],
      epoch: state.epoch, step: completedSteps)
  }

  /// Goes on from the run folder's checkpoint.
  func restoreCheckpoint() throws(TrainingError) {
    let (record, sections) = try folder.readCheckpoint(CheckpointRecord.self)
    guard record.settings == settings, let values = sections["variables"] else {
      throw folder.unusableCheckpoint("is of another training")
    }
    try folder.restore(values, to: variables)
    state = record.state
  }

  /// Writes the generator as it is kept, with its card.
  func saveBest(_ quality: GANQuality?) throws(TrainingError) {
    let scope = settings.recipe.generatorScope + "."
    var tensors = TensorTable()
    for name in variables.names where name.hasPrefix(scope) {
      tensors[String(name.dropFirst(scope.count))] = variables[name]
    }
    var card = card
    if let quality {
      card.metrics = [
        "frechet_distance": quality.frechetDistance, "kernel_distance": quality.kernelDistance,
        "diversity": quality.diversity,
      ]
      card.evaluatedOn =
        "\(quality.generatedCount) samples against \(quality.realCount) pictures held out from "
        + "training, on the features of \(quality.features)"
    }
    do {
      let file = ModelFile(
        tensors: tensors, architecture: try pair.generator.json(), card: card)
      try file.write(to: folder.best, precision: .float16)
    } catch {
      throw .file(path: folder.best, problem: "\(error)")
    }
  }
}

extension RunFolder {
  /// Draws losses, probabilities and quality over the epochs: `curves.png`.
  func drawGANCurves(_ log: RunLog) throws(TrainingError) {
    func series(_ name: String, _ column: String) -> LineChart.Series {
      LineChart.Series(name, values: log.column(column).map { $0 ?? .nan })
    }
    var charts = [
      LineChart(
        title: "Losses", horizontalTitle: "epoch",
        series: [
          series("discriminator", "discriminator_loss"), series("generator", "generator_loss"),
        ]),
      LineChart(
        title: "Probability of being real", horizontalTitle: "epoch",
        series: [series("D(x)", "d_real"), series("D(G(z))", "d_fake")]),
    ]
    if log.column("frechet_distance").contains(where: { $0 != nil }) {
      charts.append(
        LineChart(
          title: "Fréchet distance", horizontalTitle: "epoch",
          series: [series("to pictures held out", "frechet_distance")]))
    }
    try draw(to: file("curves.png")) { () throws(FigureError) in try LineChart.rendered(charts) }
  }

  /// Writes the sample grid of an epoch: `samples/epoch-0007.png`.
  func writeSamples(_ samples: [Image], epoch: Int) throws(TrainingError) {
    let digits = "\(epoch)"
    let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    let samplesFolder = try RunFolder(path: file("samples"))
    let path = samplesFolder.file("epoch-\(number).png")
    do throws(ImageError) {
      try Image(montage: samples, columns: 8, gap: 0).write(path: path)
    } catch {
      throw .file(path: path, problem: "\(error)")
    }
  }
}
