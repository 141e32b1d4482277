import Forecasting
import Inference
import ModelFiles
import Networks
import TestSupport
import Testing
import Training

@Suite struct ForecastTests {
  /// A slow wave on a line, always positive.
  private static let levels = (0..<400).map { (row: Int) -> Double in
    let wave = Double((row * 7919) % 13 - 6)
    return 100 + Double(row) / 10 + wave / 2
  }

  private func series(
    _ levels: [Double] = levels, window: Int = 5, horizon: Int = 2,
    values: ForecastSettings.Values = .returns
  ) throws -> ForecastSeries {
    try ForecastSeries(
      levels,
      settings: ForecastSettings(
        column: "x", window: window, horizon: horizon, values: values, network: "linear"))
  }

  /// The test is the last fifth; gaps of window + horizon rows lie before it and before validation.
  @Test func partsAreSplitByTime() throws {
    let series = try series()
    #expect(series.test == 320..<400)
    #expect(series.validation.upperBound == 313)
    #expect(series.training == 7..<series.validation.lowerBound - 7)
    #expect(series.validation.count == 306 / 8)
    #expect(series.trainedRows == 313)
  }

  /// What is seen for a target depends on no later row than target − horizon.
  @Test(arguments: ForecastSettings.Values.allCases)
  func theFutureChangesNothingSeen(_ values: ForecastSettings.Values) throws {
    let before = try series(values: values)
    let target = 200
    var changed = Self.levels
    for row in (target - 1)..<400 { changed[row] *= 3 }
    let after = try series(changed, values: values)
    for row in 7...target { #expect(before.input(target: row) == after.input(target: row)) }
    #expect(before.input(target: target + 3) != after.input(target: target + 3))
    let input = before.input(target: target)
    #expect(input.count == 5)
    let last = Self.levels[target - 2]
    #expect(
      input[4] == (values == .levels ? last : last / Self.levels[target - 3] - 1))
  }

  /// Numbers worked by hand: errors 1 and −1; the value two rows before is 2 and 6 off.
  @Test func errorsAndSkill() throws {
    var levels = [Double](repeating: 50, count: 400)
    (levels[396], levels[397], levels[398], levels[399]) = (50, 50, 52, 56)
    let metrics = ForecastMetrics(
      try series(levels), targets: 398..<400, said: [53, 55], season: 3)
    #expect(metrics.forecast.rmse == 1 && metrics.forecast.mae == 1)
    #expect(metrics.persistence.rmse == 20.0.squareRoot() && metrics.persistence.mae == 4)
    #expect(metrics.seasonal?.mae == 4)
    #expect(abs(metrics.skill - (1 - 1 / 20.0.squareRoot())) < 1e-12)
    #expect(metrics.skill > 0 && metrics.bestLag == 0)
    let repeated = ForecastMetrics(
      try series(), targets: 330..<400, said: (330..<400).map { Self.levels[$0 - 2] })
    #expect(repeated.skill == 0 && !repeated.hasSkill && repeated.bestLag == 2)
  }

  /// Numbers worked by hand: differences 1, 2, 3 have mean 2 and variance 2/3; two rows ahead the covariance
  /// with the neighbor, 0, is added, and the correction is (3 + 1 − 4 + 2/3) / 3.
  @Test func dieboldMariano() throws {
    let one = try #require(ForecastMetrics.dieboldMariano([1, 2, 3], horizon: 1))
    #expect(abs(one - 2 / (2.0 / 9).squareRoot() * (2.0 / 3).squareRoot()) < 1e-12)
    let two = try #require(ForecastMetrics.dieboldMariano([1, 2, 3], horizon: 2))
    #expect(abs(two - 2 / (2.0 / 9).squareRoot() * (2.0 / 9).squareRoot()) < 1e-12)
    #expect(ForecastMetrics.dieboldMariano([1, 1, 1], horizon: 1) == nil)
    #expect(ForecastMetrics.dieboldMariano([1], horizon: 1) == nil)
  }

  /// A forecast of a random walk that moves from the last value by chance has no skill, even where by chance
  /// it is a little better; one that knows a part of each change has.
  @Test func aLittleSkillIsChance() throws {
    var state: UInt32 = 11
    func noise() -> Double {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Double(state >> 8) / Double(1 << 24) - 0.5
    }
    var walk = [1_000.0]
    while walk.count < 400 { walk.append(walk[walk.count - 1] + noise()) }
    let series = try ForecastSeries(
      walk, settings: ForecastSettings(column: "x", window: 5, horizon: 1, network: "linear"))
    func metrics(_ share: Double, _ spread: Double) -> ForecastMetrics {
      ForecastMetrics(
        series, targets: series.test,
        said: series.test.map {
          walk[$0 - 1] + share * (walk[$0] - walk[$0 - 1]) + spread * noise()
        })
    }
    #expect(metrics(0.02, 0).hasSkill)
    let byChance = metrics(0.01, 0.1)
    #expect(abs(byChance.skill) < 0.02 && !byChance.hasSkill)
    #expect(metrics(0.3, 0.2).hasSkill)
  }

  /// The season's value is the last known one of the same place; a week's pattern on a line, worked by hand.
  @Test func comparisonsOfASeason() throws {
    let levels = (0..<400).map { Double($0) + ($0 % 5 == 0 ? 10 : 0) + 100 }
    let metrics = ForecastMetrics(
      try series(levels, horizon: 1, values: .levels), targets: 320..<400,
      said: Array(levels[320..<400]), season: 5)
    // Each value is 5 above that a season before; from a day to the next it changes by 1, 11 or −9.
    #expect(metrics.seasonal?.rmse == 5 && metrics.seasonal?.mae == 5)
    #expect(abs(metrics.persistence.mae - (11.0 + 9 + 3) / 5) < 1e-12)
    #expect(abs(metrics.persistence.rmse - ((121.0 + 81 + 3) / 5).squareRoot()) < 1e-12)
    #expect(metrics.skill == 1 && metrics.hasSkill)
  }

  @Test func mistakesAreNamed() {
    func message(_ levels: [Double], window: Int = 5) -> String {
      do {
        _ = try series(levels, window: window)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(Array(Self.levels.prefix(30)))
        == "column x: 30 rows are too few for a window of 5 and a horizon of 2; some 162 are needed"
    )
    var negative = Self.levels
    negative[3] = -1
    #expect(
      message(negative)
        == "column x: row 5 holds -1.0, of which there is no return; forecast levels")
    #expect(message(Self.levels, window: 0).hasPrefix("a window of 0 rows"))
  }

  /// A linear network finds the rule by which each value follows from two before it, and how much it varies.
  @Test func aRuleIsLearned() throws {
    var levels: [Double] = [1, 3]
    var state: UInt32 = 7
    while levels.count < 700 {
      state = state &* 1_664_525 &+ 1_013_904_223
      let noise = Double(state >> 8) / Double(1 << 24) - 0.5
      levels.append(
        0.5 * levels[levels.count - 2] - 0.4 * levels[levels.count - 1] + 2 + 0.2 * noise)
    }
    let series = try series(levels, window: 4, horizon: 1, values: .levels)
    var recipe = ForecastTask.Recipe()
    (recipe.epochs, recipe.batchSize, recipe.learningRate) = (40, 16, 0.02)
    let task = try ForecastTask(series, recipe: recipe, path: "x.csv", card: ModelCard(name: "x"))
    let run = try TemporaryRun()
    _ = try Trainer(task, settings: TrainingSettings(threads: 1), folder: run.folder).train()
    let forecaster = try Forecaster(path: run.folder.best)
    #expect(forecaster.settings == series.settings)
    let said = try forecaster.levels(series, targets: series.test)
    let metrics = ForecastMetrics(series, targets: series.test, said: said)
    // The noise alone has a standard deviation of 0.2 / √12.
    #expect(metrics.forecast.rmse < 0.07 && metrics.skill > 0.5)
    let next = try forecaster.next(series)[0]
    let last = levels.count - 1
    #expect(abs(next.value - (0.5 * levels[last - 1] - 0.4 * levels[last] + 2)) < 0.1)
    #expect(next.lower < next.value && next.value < next.upper && next.upper - next.lower < 0.3)
  }

  /// The counts of the network of the theory.
  @Test func networks() throws {
    let summary = try ForecastNetworks.network(ForecastSettings(column: "x")).summary()
    #expect(summary.parameters == 806_017)
    for name in ForecastNetworks.names {
      let settings = ForecastSettings(column: "x", window: 9, horizon: 3, network: name, units: 4)
      #expect(try ForecastNetworks.network(settings).summary().layers.last?.output == [3])
    }
  }
}
