import Datasets
import Files
import Glibc
import Synchronization

/// What a run over many inputs tells: results on standard output in the order of the inputs, everything else
/// on standard error, and the exit code.
///
/// Inputs may end in any order and on any thread.
final class Report: Sendable {
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
    for failure in failures { Self.complain("\(failure.path): \(failure.reason)") }
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
      for warning in warnings { complain("\(name): warning: \(warning)") }
      guard let line else { return }
      if outputIsTerminal { progress?.clear() }
      StandardStream.output.write(line + "\n")
    case .failed(let reason):
      complain("\(name): \(reason)")
    }
  }

  private func complain(_ message: String) {
    progress?.clear()
    Self.complain(message)
  }

  /// Writes the closing line, `n of m`, where there is more than one input, and returns the exit code.
  func close(verb: String) -> ExitStatus {
    let (succeeded, failed) = state.withLock { ($0.succeeded, $0.failed) }
    progress?.clear()
    if !skipped.isEmpty { StandardStream.error.write("skipped \(Self.list(of: skipped))\n") }
    if succeeded + failed > 1 {
      StandardStream.error.write("\(succeeded) of \(succeeded + failed) images \(verb)\n")
    }
    return failed == 0 ? .done : .someFailed
  }

  /// `2 HEIC files, 1 result of an earlier run`.
  static func list(of counts: [String: Int]) -> String {
    counts.sorted { $0.key < $1.key }.map { kind, count in
      kind.contains(" ") && kind != "JPEG XL" && kind != "JPEG 2000"
        ? "\(count) \(kind)" : "\(count) \(kind) \(count == 1 ? "file" : "files")"
    }.joined(separator: ", ")
  }

  /// One line on standard error, whatever control characters an argument brought into it.
  static func complain(_ message: String) {
    StandardStream.error.write("vision: \(FilePath(bytes: message.utf8))\n")
  }

  /// A line on standard error for each thing that is odd about pictures.
  static func complain(_ warnings: some Sequence<DatasetWarning>) {
    for warning in warnings { complain("\(warning)") }
  }
}

/// Standard output and standard error.
enum StandardStream: CInt {
  case output = 1
  case error = 2

  var isTerminal: Bool { isatty(rawValue) == 1 }

  /// - Throws: a usage error where the bytes of an image would go to a terminal.
  func requireNoTerminal() throws(RunError) {
    guard isTerminal else { return }
    throw .usage("an image is not for the terminal; redirect standard output or give -o a file")
  }

  /// Puts /dev/null in the place of each standard stream that is closed, opened so that what is
  /// wanted of it fails (messages vanish). Otherwise the next file that is opened would take its
  /// number, and get what was meant for it.
  static func fillGaps() {
    for (stream, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(stream, F_GETFD) < 0 {
      // It gets the lowest free number, which is the stream's, those below being taken.
      _ = open("/dev/null", mode)
    }
  }

  /// Writes all of a text. An error (a full disk behind standard output) ends the program: who reads
  /// the results must not take a part for the whole.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, rest.count > 0 {
        let count = Glibc.write(rawValue, start, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno != EINTR {
          guard self == .output else { return }
          Report.complain("cannot write to standard output: \(errorText(errno))")
          exit(ExitStatus.stopped.rawValue)
        }
      }
    }
  }
}
