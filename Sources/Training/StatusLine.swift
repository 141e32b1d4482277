import Files
import Glibc

/// One line on standard error that is written over and over while long work goes on; nothing at all
/// where standard error is no terminal.
package final class StatusLine {
  private let isTerminal: Bool
  private var isShown = false
  /// When the line may change again.
  private var nextTime: Double

  /// - Parameters:
  ///   - isTerminal: whether to show anything; told from standard error unless given.
  ///   - delay: seconds in which nothing is shown, for work that may be done by then.
  package init(isTerminal: Bool = isatty(STDERR_FILENO) == 1, delay: Double = 0) {
    self.isTerminal = isTerminal
    nextTime = MonotonicClock.seconds + delay
  }

  /// Shows a line in place of the last, at most ten times a second.
  ///
  /// - Parameter text: made only if it is shown.
  package func show(_ text: @autoclosure () -> String) {
    guard isTerminal, MonotonicClock.seconds >= nextTime else { return }
    nextTime = MonotonicClock.seconds + 0.1
    isShown = true
    // Carriage return, the text cut to the terminal's width, erase to the end of the line.
    write("\r" + String(text().prefix(width - 1)) + "\u{1B}[K")
  }

  /// Takes the line away, before something else is printed.
  package func clear() {
    guard isShown else { return }
    isShown = false
    write("\r\u{1B}[K")
  }

  private var width: Int {
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
