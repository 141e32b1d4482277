import Figures
import Networks
import Synchronization
import Training

/// What a person sees of a training: a line for each epoch on standard output, a moving line on a
/// terminal.
final class TrainingView: Sendable {
  private struct State {
    var decoded = 0
    var hasHeader = false
    let line = StatusLine()
  }

  private let total: Int
  private let state = Mutex(State())

  /// - Parameter total: pictures to decode.
  init(total: Int) { self.total = total }

  /// So many more pictures are decoded.
  func decoded(_ count: Int) {
    state.withLock { state in
      state.decoded += count
      let decoded = state.decoded
      state.line.show("reading images: \(decoded) of \(total)")
    }
  }

  /// Says what is trained on what.
  func describe(_ job: ClassifierJob) {
    let (settings, recipe) = (job.settings, job.settings.recipe)
    let (training, validation) = (job.pictures.training.count, job.pictures.validation?.count ?? 0)
    let parameters = (try? job.network.summary().parameters) ?? 0
    clear()
    print("\(settings.data.classNames.count) classes: \(Self.classes(settings.data))")
    print("\(training) images to train on, \(validation) to validate by")
    print(
      "\(recipe.model) with \(parameters) parameters, \(recipe.imageSize)×\(recipe.imageSize) pixels, "
        + "\(counted(recipe.epochs, "epoch")), batches of \(recipe.batchSize), \(recipe.precision.rawValue), "
        + "seed \(settings.seed)")
    if let transfer = settings.transfer {
      print(
        "begins from \(transfer.model), of which "
          + (transfer.frozenLayers == 0
            ? "no layer stays" : "the first \(transfer.frozenLayers) layers stay")
          + " as it was; the new head sees each picture \(transfer.views) times first")
    }
  }

  /// Shows how the training stands.
  func show(_ event: TrainingEvent) {
    switch event {
    case .began(let epoch, let step):
      if epoch > 0 || step > 0 {
        print(Self.goingOn(after: epoch, step))
      }
    case .features(let done, let total):
      line("features for the new head: \(done) of \(total) batches")
    case .step(let report):
      line(
        "epoch \(report.epoch)/\(report.epochs)  step \(report.step)/\(report.stepsPerEpoch)  "
          + "loss \(fixed(report.loss, decimals: 4))  accuracy \(Self.percent(report.accuracy))  "
          + "\(Int(report.imagesPerSecond)) images/s  "
          + (report.secondsLeft.map { "\(Pace.text(seconds: $0)) left" } ?? ""))
    case .validated(let done, let total):
      line("validation: \(done) of \(total)")
    case .damaged(let warning):
      clear()
      Report.complain("\(warning)")
    case .epoch(let report):
      clear()
      header()
      let cells = [
        (report.epoch == 0 ? "head" : "\(report.epoch)/\(report.epochs)", 9),
        (fixed(report.loss, decimals: 4), 9),
        (Self.percent(report.accuracy), 10),
        (report.validationLoss.map { fixed($0, decimals: 4) } ?? "–", 10),
        (Self.percent(report.validationAccuracy), 10),
        (report.epoch == 0 ? "–" : "\(Int(report.imagesPerSecond.rounded()))", 9),
        (Pace.text(seconds: report.seconds), 13),
      ]
      print(cells.map { Self.leading($0.0, $0.1) }.joined() + (report.isBest ? "  best" : ""))
    }
  }

  /// Where a training that was stopped goes on.
  static func goingOn(after epochs: Int, _ steps: Int) -> String {
    "going on after \(counted(epochs, "epoch")) and \(counted(steps, "step"))"
  }

  /// Says how it ended, where things are and how to use them.
  func conclude(
    _ end: TrainingEnd, _ evaluation: Evaluation?, best: ClassifierTrainer.Best?,
    folder: RunFolder
  ) {
    clear()
    switch end {
    case .complete: break
    case .outOfPatience(let epoch):
      print("stopped after epoch \(epoch): the validation accuracy no longer rises")
    case .interrupted(0, _):
      print("stopped before the first epoch; the same command begins again")
    case .interrupted(let epoch, let step):
      print("stopped at step \(step) of epoch \(epoch), all saved; the same command goes on")
    }
    if let best, let evaluation {
      print(
        "best: \(best.epoch == 0 ? "the head alone" : "epoch \(best.epoch)"), validation accuracy \(Self.percent(evaluation.accuracy)), "
          + "loss \(fixed(evaluation.loss, decimals: 4))")
    }
    guard folder.contains(folder.best) else { return }
    print("model:   \(folder.best)")
    let figures = ["curves.png", "confusion.png", "mistakes.png"].map { folder.file($0) }
      .filter(folder.contains)
    print("figures: \(figures.joined(separator: ", "))")
    print("use it:  vision classify --model \(folder.best) PICTURES")
  }

  private func header() {
    let isFirst = state.withLock { state in
      defer { state.hasHeader = true }
      return !state.hasHeader
    }
    guard isFirst else { return }
    let titles = [
      ("epoch", 9), ("loss", 9), ("accuracy", 10), ("val. loss", 10), ("val. acc.", 10),
      ("images/s", 9), ("time", 13),
    ]
    print(titles.map { Self.leading($0.0, $0.1) }.joined())
  }

  private func line(_ text: String) {
    state.withLock { $0.line.show(text) }
  }

  private func clear() { state.withLock { $0.line.clear() } }

  private func print(_ text: String) { StandardStream.output.write(text + "\n") }

  private static func classes(_ data: ClassifierSettings.Data) -> String {
    let shown = zip(data.classNames, data.trainingCounts).prefix(12).map { "\($0) (\($1))" }
      .joined(separator: ", ")
    return data.classNames.count > 12 ? "\(shown), …" : shown
  }

  private static func percent(_ share: Double?) -> String { EvaluationReport.percent(share) }

  private static func leading(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
