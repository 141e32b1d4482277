import Figures
import Files

/// A line on the terminal that says how far a long run is, how fast it goes and when it will end.
/// Nothing is shown in the first half second, and nothing at all where standard error is no terminal.
///
/// Unchecked: its owner calls it under a lock.
final class Progress: @unchecked Sendable {
  private let total: Int
  private let start = MonotonicClock.seconds
  private let line = StatusLine(delay: 0.5)

  /// `nil` where there is nobody to see it.
  init?(total: Int) {
    guard total > 1, StandardStream.error.isTerminal else { return nil }
    self.total = total
  }

  /// Shows that `done` of the total are done.
  func show(done: Int) {
    guard done > 0, done < total else { return }
    let rate = Double(done) / (MonotonicClock.seconds - start)
    line.show(
      "\(durationText(seconds: Double(total - done) / rate)) left   \(done) of \(total)   "
        + "\(fixed(rate, decimals: 1))/s")
  }

  /// Takes the line away, so that another can be written.
  func clear() { line.clear() }
}
