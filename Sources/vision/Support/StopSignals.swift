import Glibc
import Synchronization
import Training

/// Lets signals ask a training to stop: Ctrl-C, SIGTERM from a job scheduler, and SIGHUP where the
/// terminal goes, unless `nohup` has it ignored. A second signal ends the process at once; what was saved
/// before stays whole, because files are only ever replaced.
enum StopSignals {
  /// What a signal asks; made before the first signal can come.
  private static let interruption = Interruption()

  /// From now on signals ask for a stop instead of ending the process.
  static func install() -> Interruption {
    let interruption = interruption
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      sigaction(number, nil, &action)
      if number == SIGHUP, isIgnored(action) { continue }
      // An atomic store and `signal` may be called from a handler (POSIX 2.4.3).
      signal(number) { number in
        StopSignals.interruption.request()
        signal(number, SIG_DFL)
      }
    }
    // After Ctrl-Z the time until `fg` does not count.
    signal(SIGCONT) { _ in StopSignals.interruption.notePause() }
    return interruption
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    return handler == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
