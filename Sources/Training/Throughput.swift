import Files

/// How many examples a second are learned from, and how long the rest will take.
struct Throughput {
  private let interruption: Interruption
  private var examples = 0
  private var seconds = 0.0
  private var mark = MonotonicClock.seconds
  private var pauses: Int
  /// How long the end of an epoch took last.
  private var epochEnd = 0.0

  init(_ interruption: Interruption) {
    self.interruption = interruption
    pauses = interruption.pauses
  }

  /// The time from here on counts.
  mutating func start() {
    mark = MonotonicClock.seconds
    pauses = interruption.pauses
  }

  /// So many examples were learned from since the last mark. Where the process was stopped meanwhile,
  /// neither time nor examples count.
  mutating func add(_ count: Int) {
    let now = MonotonicClock.seconds
    if pauses == interruption.pauses {
      examples += count
      seconds += now - mark
    }
    start()
  }

  /// An epoch's end is done, which began at the last mark.
  mutating func endEpoch() {
    if pauses == interruption.pauses { epochEnd = MonotonicClock.seconds - mark }
    start()
  }

  /// Examples a second.
  var rate: Double { seconds > 0 ? Double(examples) / seconds : 0 }

  /// Seconds for so many further examples and ends of epochs; nil before the first example.
  func secondsLeft(examples: Int, epochs: Int) -> Double? {
    rate > 0 ? Double(examples) / rate + Double(epochs) * epochEnd : nil
  }
}
