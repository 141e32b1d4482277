import CLinux
import Files
import NIOCore

/// What the connections of a server share. It belongs to their event loop.
final class ServerCore {
  let routes: [Route]
  let policy: RequestPolicy
  let limits: ServerLimits
  let scheduler: Scheduler
  let metrics: Metrics
  let jobs: JobStore
  private(set) var isLeaving = false
  /// Whether memory was given back since the last work.
  private var isTrimmed = false
  private var connections: [ObjectIdentifier: ConnectionHandler] = [:]
  /// Called when the last connection is gone after ``leave(whenDone:)``.
  private var whenDone: (() -> Void)?

  init(
    routes: [Route], policy: RequestPolicy, limits: ServerLimits, scheduler: Scheduler,
    metrics: Metrics, jobs: JobStore
  ) {
    self.jobs = jobs
    self.routes = routes
    self.policy = policy
    self.limits = limits
    self.scheduler = scheduler
    self.metrics = metrics
  }

  /// Takes a connection; where there are too many, in the place of the one that has had no request for longest.
  ///
  /// - Returns: false where all others have one.
  func add(_ connection: ConnectionHandler) -> Bool {
    guard !isLeaving else { return false }
    if connections.count >= limits.connections {
      let idle = connections.values.compactMap { other in
        other.idleBegan.map { (other, $0) }
      }
      guard let oldest = idle.min(by: { $0.1 < $1.1 }) else { return false }
      oldest.0.close()
    }
    connections[ObjectIdentifier(connection)] = connection
    metrics.connections = connections.count
    return true
  }

  func remove(_ connection: ConnectionHandler) {
    connections[ObjectIdentifier(connection)] = nil
    metrics.connections = connections.count
    if connections.isEmpty { whenDone?() }
  }

  /// Closes connections whose clients take too long, and lets go of what nobody wants any more.
  func sweep() {
    let now = MonotonicClock.seconds
    for connection in Array(connections.values) { connection.sweep(now) }
    jobs.sweep()
    // What a burst of requests took is the system's again.
    let isIdle = (scheduler.idleTime ?? 0) >= 10
    if isIdle, !isTrimmed { malloc_trim(0) }
    isTrimmed = isIdle
  }

  /// From now on no request is taken; those under way are answered.
  func leave(whenDone: @escaping () -> Void) {
    isLeaving = true
    self.whenDone = whenDone
    if connections.isEmpty { return whenDone() }
    for connection in Array(connections.values) { connection.leave() }
  }

  /// Gives up what is still under way.
  func abandon() {
    for connection in Array(connections.values) { connection.close() }
  }
}
