/// What a forecaster looks at and says: part of its model file.
public struct ForecastSettings: Sendable, Hashable, Codable {
  /// What the network sees of a series.
  public enum Values: String, Sendable, Codable, CaseIterable {
    /// The change from row to row as a fraction of the row before: valueₜ / valueₜ₋₁ − 1.
    case returns
    /// The values themselves.
    case levels
  }

  /// The table's column.
  public var column: String
  /// Rows that the network sees.
  public var window: Int
  /// How many rows ahead it says.
  public var horizon: Int
  public var values: Values
  /// The network's name among ``ForecastNetworks``.
  public var network: String
  /// Units of each of its recurrent layers.
  public var units: Int

  public init(
    column: String, window: Int = 60, horizon: Int = 1, values: Values = .returns,
    network: String = "lstm", units: Int = 256
  ) {
    self.column = column
    self.window = window
    self.horizon = horizon
    self.values = values
    self.network = network
    self.units = units
  }

  /// Rows before a target that what is said of it depends on.
  var reach: Int { window + horizon - (values == .levels ? 1 : 0) }
}

/// How numbers become those that the network sees: (x − mean) / std, from the training part alone.
public struct ForecastScale: Sendable, Hashable, Codable {
  public var mean: Double
  /// Standard deviation, not 0.
  public var std: Double
  /// That of what is said, one for each row ahead.
  public var targetStd: [Double]
}
