import Files
import Glibc

/// One line on standard error that is written over and over while long work goes on; nothing at all
/// where standard error is no terminal, or one that knows no control sequences (`TERM=dumb`).
final class StatusLine {
  private let isShowing: Bool
  private var isShown = false
  /// When the line may change again.
  private var nextTime: Double

  /// - Parameter delay: seconds in which nothing is shown, for work that may be done by then.
  init(delay: Double = 0) {
    let terminal = getenv("TERM").map { String(cString: $0) }
    isShowing = isatty(STDERR_FILENO) == 1 && terminal != "dumb"
    nextTime = MonotonicClock.seconds + delay
  }

  /// Shows a line in place of the last, at most ten times a second.
  ///
  /// - Parameter text: made only if it is shown; what matters most comes first, since it is cut to the
  ///   terminal's width.
  func show(_ text: @autoclosure () -> String) {
    guard isShowing, MonotonicClock.seconds >= nextTime else { return }
    nextTime = MonotonicClock.seconds + 0.1
    isShown = true
    // Carriage return, the text, erase to the end of the line.
    write("\r" + String(text().prefix(Self.width - 1)) + "\u{1B}[K")
  }

  /// Takes the line away, before something else is printed.
  func clear() {
    guard isShown else { return }
    isShown = false
    write("\r\u{1B}[K")
  }

  /// Columns of the terminal; 80 where they are not known.
  static var width: Int {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  private func write(_ text: String) {
    var text = text
    // A line that a terminal does not take is only a line less.
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
