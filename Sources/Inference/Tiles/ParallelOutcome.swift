import Files

/// How parts that several threads compute went.
///
/// Unchecked: what changes does so inside the monitor.
final class ParallelOutcome: @unchecked Sendable {
  private let monitor = Monitor()
  private var done = 0
  private var failure: InferenceError?

  /// The first error; no further part need be computed.
  var error: InferenceError? { monitor.withLock { failure } }

  func fail(_ error: InferenceError) {
    monitor.withLock { if failure == nil { failure = error } }
  }

  /// - Returns: how many parts are done, with this one.
  func finishOne() -> Int {
    monitor.withLock {
      done += 1
      return done
    }
  }
}
