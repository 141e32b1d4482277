import Files

/// How fast work goes and how long the rest will take.
package struct Pace: Sendable {
  private let total: Int
  private let first: Int
  private let start: Double
  private var done: Int

  /// Work of `total` items of which `done` were finished before the clock started.
  package init(total: Int, done: Int = 0) {
    self.total = total
    self.done = done
    first = done
    start = MonotonicClock.seconds
  }

  /// Says how many of all items are finished.
  package mutating func reached(_ done: Int) { self.done = done }

  /// Seconds since the start.
  package var seconds: Double { MonotonicClock.seconds - start }
  /// Items a second, since the start.
  package var rate: Double { seconds > 0 ? Double(done - first) / seconds : 0 }
  /// Seconds that the rest will take at this rate; nil before anything was done.
  package var secondsLeft: Double? { rate > 0 ? Double(total - done) / rate : nil }

  /// A duration as a person writes it: `48 s`, `3 min 20 s`, `2 h 05 min`.
  package static func text(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    let whole = Int(seconds.rounded())
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
    return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
  }
}
