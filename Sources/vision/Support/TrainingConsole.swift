import Datasets
import Figures
import Files
import Glibc
import Synchronization
import Training

/// What a person sees of a training, whatever is learned: a moving line on a terminal, a line for each
/// epoch, both on standard error; at the end, on standard output, what came of it.
final class TrainingConsole: Sendable {
  private struct State {
    let line = StatusLine()
    var decoded = 0
    var hasHeader = false
    /// Whether some example could not be read.
    var hasFailures = false
  }

  private let columns: [Column]
  private let examples: String
  private let state = Mutex(State())

  /// - Parameter columns: the numbers of an epoch; nil for the task's usual ones.
  init(_ task: (some LearningTask).Type, columns: [Column]? = nil) {
    self.columns = (columns ?? task.columns).filter(\.isShown)
    examples = task.examples
  }

  /// Trains a task into a run folder, or goes on with the training in it, until it ends or a signal asks
  /// for a stop.
  ///
  /// - Parameters:
  ///   - use: a command that uses the model at a path.
  /// - Returns: the exit code.
  func run(
    _ task: some LearningTask, settings: TrainingSettings, out: String, use: (String) -> String
  ) throws(TrainingError) -> ExitStatus {
    let folder = try RunFolder(path: out)
    let trainer = try Trainer(
      task, settings: settings, folder: folder, interruption: StopSignals.install())
    let end: TrainingOutcome
    do throws(TrainingError) { end = try trainer.train(report: show) } catch {
      state.withLock { $0.line.clear() }
      throw error
    }
    return finish(
      end, best: trainer.best, folder: folder, use: use(FilePath(argument: folder.best).shellText))
  }

  // MARK: - Before the training

  /// Tells what is wrong with the data; what could not be read makes a failure of the command.
  func warn(_ warnings: [DatasetWarning]) {
    Console.warn(warnings)
    if warnings.contains(where: \.isFailure) { state.withLock { $0.hasFailures = true } }
  }

  /// So many more images of a total are decoded.
  func decoded(_ count: Int, of total: Int) {
    state.withLock { state in
      state.decoded += count
      let decoded = state.decoded
      state.line.show("reading images: \(decoded) of \(total)")
    }
  }

  /// Writes a line about what is going to happen.
  func say(_ text: String) {
    state.withLock { $0.line.clear() }
    StandardStream.error.write(text + "\n")
  }

  // MARK: - The training

  /// Shows what happens.
  func show(_ event: TrainingEvent) {
    switch event {
    case .started(let epochs, let steps):
      if epochs > 0 || steps > 0 {
        say("resuming after epoch \(max(epochs, 0)), step \(steps)")
      }
    case .preparing(let what, let done, let total):
      line("\(what): \(done) of \(total)")
    case .step(let report):
      let left = report.secondsLeft.map { "\(durationText(seconds: $0)) left" }
      let numbers = columns.compactMap { column in
        report.means[column.name].map { "\(column.title) \(text($0, column.format))" }
      }
      let parts =
        [
          left, "epoch \(report.epoch)/\(report.epochs)",
          "step \(report.step)/\(report.stepsPerEpoch)",
        ]
        .compactMap { $0 } + numbers + ["\(Int(report.examplesPerSecond)) \(examples)/s"]
      line(parts.joined(separator: "  "))
    case .skippedExample(let warning):
      state.withLock {
        $0.line.clear()
        $0.hasFailures = true
      }
      Console.error("\(warning)")
    case .warning(let text):
      state.withLock { $0.line.clear() }
      Console.warn("\(text)")
    case .epoch(let report): show(report)
    }
  }

  private func show(_ report: EpochReport) {
    let isFirst = state.withLock { state in
      defer { state.hasHeader = true }
      return !state.hasHeader
    }
    let titles = ["epoch"] + columns.map(\.title) + ["\(examples)/s", "time"]
    let cells =
      [report.epoch < 1 ? "head" : "\(report.epoch)/\(report.epochs)"]
      + columns.map { text(report.values[$0.name], $0.format) }
      + ["\(Int(report.examplesPerSecond.rounded()))", durationText(seconds: report.seconds)]
    let widths = zip(columnWidths(titles), cells).map { max($0, $1.count) }
    // On a terminal the columns that do not fit are left out, from the last.
    var room = StandardStream.error.isTerminal ? StatusLine.width - 6 : .max
    let shown = widths.prefix { width in
      room -= width + 2
      return room >= 0
    }
    func row(_ cells: [String]) -> String {
      zip(cells, shown).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }
        .joined(separator: "  ")
    }
    if isFirst { say(row(titles)) }
    say(row(cells) + (report.isBest ? "  best" : ""))
  }

  private func columnWidths(_ titles: [String]) -> [Int] {
    titles.enumerated().map { place, title in
      max(title.count, place == 0 || place == titles.count - 1 ? 9 : 7)
    }
  }

  // MARK: - The end

  /// Says how the training ended, where things are and how to use them.
  private func finish(
    _ end: TrainingOutcome, best: BestEpoch?, folder: RunFolder, use: String
  ) -> ExitStatus {
    state.withLock { $0.line.clear() }
    func print(_ text: String) { StandardStream.output.write(text + "\n") }
    var isInterrupted = false
    switch end {
    case .complete: break
    case .stoppedEarly(let epoch):
      print("stopped early after epoch \(epoch): no improvement in validation")
    case .interrupted(let epoch, let step):
      isInterrupted = true
      print(
        folder.contains(folder.checkpoint)
          ? "interrupted at step \(step) of epoch \(epoch); checkpoint saved; run the same command to resume"
          : "interrupted before anything was trained; run the same command to start again")
    }
    if let best {
      let numbers = columns.compactMap { column in
        best.values[column.name].map { "\(column.title) \(text($0, column.format))" }
      }
      print(
        "best:    \(best.epoch < 1 ? "head only" : "epoch \(best.epoch)"), \(numbers.joined(separator: ", "))"
      )
    }
    if folder.contains(folder.best) {
      print("model:   \(folder.best)")
      let figures = [
        "curves.png", "confusion.png", "mistakes.png", "forecast.png", "gradients.png", "samples",
      ]
      .map { folder.file($0) }.filter(folder.contains)
      print("figures: \(figures.joined(separator: ", "))")
      print("next:    \(use)")
    }
    if isInterrupted { return .aborted }
    return state.withLock { $0.hasFailures } ? .partialFailure : .done
  }

  // MARK: - Text

  private func line(_ text: String) { state.withLock { $0.line.show(text) } }

  private func text(_ value: Double?, _ format: Column.Format) -> String {
    guard let value, value.isFinite else { return "–" }
    return switch format {
    case .decimals(let count): fixed(value, decimals: count)
    case .percent: percent(value)
    case .significant: significant(value)
    }
  }

  /// Four significant digits.
  private func significant(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    let digits = 3 - Int(log10(abs(value)).rounded(.down))
    return digits > 7 ? "\(Float(value))" : fixed(value, decimals: max(0, digits))
  }
}
