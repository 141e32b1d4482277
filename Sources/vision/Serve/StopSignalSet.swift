import Glibc

/// The signals that ask a server to stop: Ctrl-C, SIGTERM, and SIGHUP unless `nohup` has it ignored.
struct StopSignalSet {
  private var signals = sigset_t()

  init() {
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      sigaction(number, nil, &action)
      let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      if number == SIGHUP, handler == unsafeBitCast(SIG_IGN, to: Int.self) { continue }
      sigaddset(&signals, number)
    }
  }

  /// Keeps the signals from this thread and those that it starts.
  func hold() {
    var signals = signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Sleeps until one of the signals comes. A further one ends the process at once.
  func wait() {
    var signals = signals
    var number: Int32 = 0
    sigwait(&signals, &number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
