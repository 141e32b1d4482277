import Synchronization

/// Asks work to stop, from any thread or from a signal handler. A trainer looks after every step, saves
/// everything and returns.
public final class Interruption: Sendable {
  private let flag = Atomic<Bool>(false)
  private let pauseCount = Atomic<Int>(0)

  public init() {}

  /// Whether a stop was asked for.
  public var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Asks for a stop.
  public func request() { flag.store(true, ordering: .relaxed) }

  /// Says that the process was stopped for a while and goes on, so that this time does not count.
  public func notePause() { pauseCount.wrappingAdd(1, ordering: .relaxed) }

  /// How often the process was stopped for a while.
  var pauses: Int { pauseCount.load(ordering: .relaxed) }

  /// Throws where a stop was asked for.
  public func check() throws(TrainingError) {
    if isRequested { throw .interrupted }
  }
}
