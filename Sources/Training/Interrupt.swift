import Glibc
import Synchronization

/// Whether the user asked for a stop (Ctrl-C, or SIGTERM from a job scheduler).
///
/// A trainer looks between two steps, saves everything and returns. A second Ctrl-C ends the process
/// at once; what was saved before stays whole, because files are only ever replaced.
public enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Whether a stop was asked for.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// From now on SIGINT and SIGTERM ask for a stop instead of ending the process.
  public static func install() {
    flag.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // An atomic store and `signal` may be called from a handler (POSIX 2.4.3).
        Interrupt.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Asks for a stop, as Ctrl-C does.
  public static func request() { flag.store(true, ordering: .relaxed) }

  /// Takes a request back (tests run one training after another in one process).
  package static func clear() { flag.store(false, ordering: .relaxed) }
}
