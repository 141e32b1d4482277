import Training

/// A series, and which of its rows are learned from, measured by and tested on.
///
/// Rows are in the order of time. Targets to test on are the last fifth of the rows; before them, and before those that
/// are measured by, a gap of window + horizon rows belongs to no part, so that nothing that is learned from reaches
/// into what is measured.
public struct ForecastSeries: Sendable {
  public let settings: ForecastSettings
  /// The values of all rows.
  public let levels: [Double]
  /// The rows whose values are learned, those that decide which epoch is the best, and those to test on.
  public let training, validation, test: Range<Int>

  /// - Parameter trainedRows: as many of the first rows a model has seen; the test begins behind them.
  /// - Throws: where there are too few rows, or returns of a series that is not positive are asked for.
  public init(
    _ levels: [Double], settings: ForecastSettings, trainedRows: Int = 0
  ) throws(TrainingError) {
    self.settings = settings
    self.levels = levels
    guard (1...10_000).contains(settings.window), (1...1_000).contains(settings.horizon) else {
      throw .options(
        "a window of \(settings.window) rows and a horizon of \(settings.horizon): expected 1…10,000 and 1…1,000"
      )
    }
    if settings.values == .returns, let row = levels.firstIndex(where: { $0 <= 0 }) {
      throw .data(
        "column \(settings.column): row \(row + 2) holds \(levels[row]), of which there is no return; forecast levels"
      )
    }
    let gap = settings.window + settings.horizon
    let testStart = levels.count - levels.count / 5
    let learned = settings.reach..<max(settings.reach, testStart - gap)
    let validationCount = learned.count / 8
    let validationStart = learned.upperBound - validationCount
    training = learned.lowerBound..<max(learned.lowerBound, validationStart - gap)
    validation = validationStart..<learned.upperBound
    test = max(testStart, min(trainedRows + gap, levels.count))..<levels.count
    guard training.count >= 16, validation.count >= 4 || trainedRows > 0 else {
      throw .data(
        "column \(settings.column): \(levels.count) rows are too few for a window of \(settings.window) and a "
          + "horizon of \(settings.horizon); some \(6 * gap + 120) are needed")
    }
  }

  /// Rows that a training sees: all up to the last target that is measured by.
  public var trainedRows: Int { validation.upperBound }

  /// What the network sees, unscaled, for a target: rows up to `target − horizon`, none later.
  public func input(target: Int) -> [Double] {
    let end = target - settings.horizon
    let rows = (end - settings.window + 1)...end
    switch settings.values {
    case .levels: return Array(levels[rows])
    case .returns: return rows.map { levels[$0] / levels[$0 - 1] - 1 }
    }
  }

  /// What is to be said, unscaled, for each row from behind the input to the target.
  func wanted(target: Int) -> [Double] {
    let base = target - settings.horizon
    return (1...settings.horizon).map { ahead in
      switch settings.values {
      case .levels: levels[base + ahead]
      case .returns: levels[base + ahead] / levels[base] - 1
      }
    }
  }

  /// The value that something said of a row ahead of `base` stands for.
  func level(_ said: Double, base: Int) -> Double {
    settings.values == .levels ? said : levels[base] * (1 + said)
  }

  /// The scale of the training part. Levels are said on the scale on which they are seen.
  func scale() -> ForecastScale {
    let end = training.upperBound - settings.horizon
    let seen =
      settings.values == .levels
      ? Array(levels[..<end]) : (1..<end).map { levels[$0] / levels[$0 - 1] - 1 }
    let mean = seen.reduce(0, +) / Double(max(seen.count, 1))
    func deviation(_ values: [Double], around mean: Double) -> Double {
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let root = (square / Double(max(values.count, 1))).squareRoot()
      return root > 0 && root.isFinite ? root : 1
    }
    let std = deviation(seen, around: mean)
    let targets = training.map(wanted)
    return ForecastScale(
      mean: mean, std: std,
      targetStd: (0..<settings.horizon).map { ahead in
        settings.values == .levels ? std : deviation(targets.map { $0[ahead] }, around: 0)
      })
  }
}

extension ForecastScale {
  func input(_ values: [Double]) -> [Float] { values.map { Float(($0 - mean) / std) } }

  func target(_ values: [Double], _ settings: ForecastSettings) -> [Float] {
    let mean = settings.values == .levels ? mean : 0
    return zip(values, targetStd).map { Float(($0 - mean) / $1) }
  }

  /// What a number of the network's says.
  func said(_ output: Float, ahead: Int, _ settings: ForecastSettings) -> Double {
    Double(output) * targetStd[ahead] + (settings.values == .levels ? mean : 0)
  }
}
