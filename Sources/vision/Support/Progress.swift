import Glibc

/// A line on the terminal that says how far a long run is, how fast it goes and when it will end.
/// Nothing is shown in the first half second, and nothing at all where standard error is no terminal.
///
/// Unchecked: its owner calls it under a lock.
final class Progress: @unchecked Sendable {
  private let total: Int
  private let start = Progress.now()
  private var lastShown = 0.0
  private var isVisible = false

  /// `nil` where there is nobody to see it.
  init?(total: Int) {
    guard total > 1, StandardStream.error.isTerminal else { return nil }
    self.total = total
  }

  /// Shows that `done` of the total are done, at most ten times a second while nothing takes it away.
  func show(done: Int) {
    let time = Self.now() - start
    guard done < total, time > 0.5, !isVisible || time - lastShown > 0.1 else { return }
    lastShown = time
    let rate = Double(done) / time
    let left = rate > 0 ? Int((Double(total - done) / rate).rounded(.up)) : 0
    StandardStream.error.write(
      "\r\u{1B}[K\(done) of \(total)   \(Self.oneDecimal(rate))/s   \(Self.clock(left)) left")
    isVisible = true
  }

  /// Takes the line away, so that another can be written.
  func clear() {
    guard isVisible else { return }
    StandardStream.error.write("\r\u{1B}[K")
    isVisible = false
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func oneDecimal(_ value: Double) -> String {
    let tenths = Int((min(value, 1e12) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Seconds as `m:ss` or `h:mm:ss`.
  private static func clock(_ seconds: Int) -> String {
    func twoDigits(_ value: Int) -> String { (value < 10 ? "0" : "") + "\(value)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    let tail = twoDigits(seconds % 60)
    return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(tail)" : "\(minutes):\(tail)"
  }
}
