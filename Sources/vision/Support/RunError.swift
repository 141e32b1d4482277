/// What the exit code tells.
enum ExitStatus: CInt, Error {
  case done = 0
  case partialFailure = 1
  case aborted = 2
  case usage = 64
}

/// Why the run itself could not go on, in one line.
struct RunError: Error {
  let message: String
  let status: ExitStatus
  /// Lines that are told before the message, such as the files that are damaged.
  var details: [String] = []

  static func aborted(_ message: String) -> RunError {
    RunError(message: message, status: .aborted)
  }
  static func usage(_ message: String) -> RunError { RunError(message: message, status: .usage) }
  static func failed(_ message: String) -> RunError {
    RunError(message: message, status: .partialFailure)
  }
}
