/// What a measurement of a training's state found.
public struct Measures: Sendable {
  /// Numbers by the names of the task's columns.
  public var values: [String: Double]
  /// What the task wants to know of them when it writes the model file.
  public var details: (any Sendable)?
  /// Signs that something goes wrong, each with advice.
  public var warnings: [String]

  public init(
    _ values: [String: Double] = [:], details: (any Sendable)? = nil, warnings: [String] = []
  ) {
    self.values = values
    self.details = details
    self.warnings = warnings
  }
}

/// A number of each epoch: how it is called in the log, on a terminal and in a chart.
public struct Column: Sendable, Hashable {
  /// How people read it.
  public enum Format: Sendable, Hashable {
    case decimals(Int)
    /// A fraction of 1 in per cent.
    case percent
    /// Four significant digits.
    case significant
  }

  /// In `log.csv`, such as `validation_accuracy`. The name `learning_rate` is filled by the trainer.
  public var name: String
  /// On a terminal, such as `val. acc.`.
  public var title: String
  public var format: Format
  /// The chart of `curves.png` that it belongs to.
  public var chart: String
  /// What the chart's legend calls it.
  public var series: String
  public var isDashed: Bool
  /// Whether it is shown on a terminal.
  public var isShown: Bool

  public init(
    _ name: String, title: String, format: Format, chart: String, series: String? = nil,
    isDashed: Bool = false, isShown: Bool = true
  ) {
    self.name = name
    self.title = title
    self.format = format
    self.chart = chart
    self.series = series ?? title
    self.isDashed = isDashed
    self.isShown = isShown
  }

  static let learningRate = "learning_rate"
}

/// Which epoch is the best.
public struct Selection: Sendable, Hashable {
  /// Column by column, the next where those before are equal; whether the largest value is the best.
  public var order: [(column: String, largest: Bool)]

  public init(_ order: (column: String, largest: Bool)...) {
    self.order = order
  }

  /// Whether some values beat others. What is not measured beats nothing.
  func isBetter(_ values: [String: Double], than best: [String: Double]) -> Bool {
    for (column, largest) in order {
      guard let value = values[column], !value.isNaN else { return false }
      guard let other = best[column] else { return true }
      if value != other { return largest ? value > other : value < other }
    }
    return false
  }

  public static func == (first: Selection, second: Selection) -> Bool {
    first.order.elementsEqual(second.order, by: ==)
  }

  public func hash(into hasher: inout Hasher) {
    for (column, largest) in order {
      hasher.combine(column)
      hasher.combine(largest)
    }
  }
}

/// Means of numbers over the steps that reported them.
struct RunningMeans: Sendable, Hashable, Codable {
  private var sums: [String: Double] = [:]
  private var counts: [String: Int] = [:]

  mutating func add(_ numbers: [(name: String, value: Double)]) {
    for (name, value) in numbers {
      sums[name, default: 0] += value
      counts[name, default: 0] += 1
    }
  }

  var means: [String: Double] {
    sums.reduce(into: [:]) { means, sum in
      means[sum.key] = sum.value / Double(counts[sum.key, default: 1])
    }
  }
}
