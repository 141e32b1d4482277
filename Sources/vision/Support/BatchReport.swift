import Files
import Synchronization

/// What a run over many inputs tells: results on standard output in the order of the inputs, everything else
/// on standard error, and the exit code.
///
/// Inputs may end in any order and on any thread.
final class BatchReport: Sendable {
  /// How the work on one input ended.
  enum Outcome: Sendable {
    /// The line for standard output, if any, and what was odd about the input.
    case done(String?, warnings: [String] = [])
    /// One line: what is wrong and what to do.
    case failed(String)
  }

  private struct State {
    var outcomes: [Outcome?]
    var printed = 0
    var succeeded = 0
    var failed = 0
  }

  private let names: [String]
  private let progress: Progress?
  private let skipped: [String: Int]
  private let outputIsTerminal = StandardStream.output.isTerminal
  private let state: Mutex<State>

  /// A report over inputs; the places that could not be searched are named at once and count as failed.
  ///
  /// - Parameter skipped: how many files of which kinds were passed over.
  init(_ inputs: [Input], failures: [InputFinder.Failure], skipped: [String: Int] = [:]) {
    self.skipped = skipped
    names = inputs.map { $0.path.isStandardStream ? "standard input" : $0.path.description }
    progress = Progress(total: names.count)
    state = Mutex(
      State(outcomes: Array(repeating: nil, count: names.count), failed: failures.count))
    for failure in failures { Console.error("\(failure.path): \(failure.reason)") }
  }

  /// Tells how the input of that index ended.
  func finish(_ index: Int, _ outcome: Outcome) {
    state.withLock { state in
      state.outcomes[index] = outcome
      switch outcome {
      case .done: state.succeeded += 1
      case .failed: state.failed += 1
      }
      while state.printed < names.count, let next = state.outcomes[state.printed] {
        tell(next, of: names[state.printed])
        state.outcomes[state.printed] = .done(nil)
        state.printed += 1
      }
      progress?.show(done: state.succeeded + state.failed)
    }
  }

  private func tell(_ outcome: Outcome, of name: String) {
    switch outcome {
    case .done(let line, let warnings):
      for warning in warnings {
        progress?.clear()
        Console.warn(warning, about: name)
      }
      guard let line else { return }
      if outputIsTerminal { progress?.clear() }
      StandardStream.output.write(line + "\n")
    case .failed(let reason):
      progress?.clear()
      Console.error("\(name): \(reason)")
    }
  }

  /// Writes the closing line, `n of m`, where there is more than one input, and returns the exit code.
  func close(verb: String) -> ExitStatus {
    let (succeeded, failed) = state.withLock { ($0.succeeded, $0.failed) }
    progress?.clear()
    if !skipped.isEmpty { StandardStream.error.write("skipped \(Self.list(of: skipped))\n") }
    if succeeded + failed > 1 {
      StandardStream.error.write("\(succeeded) of \(succeeded + failed) images \(verb)\n")
    }
    return failed == 0 ? .done : .partialFailure
  }

  /// `2 HEIC files, 1 result of an earlier run`.
  static func list(of counts: [String: Int]) -> String {
    counts.sorted { $0.key < $1.key }.map { kind, count in
      kind.contains(" ") && kind != "JPEG XL" && kind != "JPEG 2000"
        ? "\(count) \(kind)" : "\(count) \(kind) \(count == 1 ? "file" : "files")"
    }.joined(separator: ", ")
  }
}
