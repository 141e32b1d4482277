/// How good a forecast is, beside those that need no model.
public struct ForecastMetrics: Sendable, Encodable {
  /// Root of the mean square error, and mean absolute error, in the units of the column.
  public struct Errors: Sendable, Hashable, Encodable {
    public var rmse, mae: Double

    init(_ said: [Double], _ truth: [Double]) {
      let differences = zip(said, truth).map { $0 - $1 }
      let count = Double(max(differences.count, 1))
      rmse = (differences.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
      mae = differences.reduce(0) { $0 + abs($1) } / count
    }
  }

  /// Targets that were measured on.
  public var count: Int
  public var forecast: Errors
  /// The last value that is known, repeated: row t − horizon.
  public var persistence: Errors
  /// The last known value of the same place in the season; nil where no season was given.
  public var seasonal: Errors?
  public var season: Int?
  /// 1 − RMSE / RMSE of persistence: above 0 the forecast is better than that.
  public var skill: Double
  /// The Diebold–Mariano statistic of the forecast's squared errors against persistence's, with the
  /// correction for small samples; nil where their difference never varies. Above 0 the forecast is better.
  ///
  /// F. Diebold, R. Mariano, *Comparing Predictive Accuracy*, 1995; D. Harvey, S. Leybourne, P. Newbold,
  /// 1997.
  public var dieboldMariano: Double?
  /// Whether the forecast beats the last value repeated by more than chance explains.
  public var hasSkill: Bool
  /// By how many rows, 0…10, the forecast follows the truth: where their correlation is highest.
  public var bestLag: Int

  public init(_ series: ForecastSeries, targets: Range<Int>, said: [Double], season: Int? = nil) {
    let (levels, horizon) = (series.levels, series.settings.horizon)
    let truth = Array(levels[targets])
    count = truth.count
    forecast = Errors(said, truth)
    persistence = Errors(targets.map { levels[$0 - horizon] }, truth)
    self.season = season
    seasonal = season.map { season in
      // As many whole seasons back as the horizon needs.
      let back = (horizon + season - 1) / season * season
      return Errors(targets.map { levels[max(0, $0 - back)] }, truth)
    }
    dieboldMariano = Self.dieboldMariano(
      targets.map { row in
        let (truth, last) = (levels[row], levels[row - horizon])
        let own = said[row - targets.lowerBound]
        return (last - truth) * (last - truth) - (own - truth) * (own - truth)
      }, horizon: horizon)
    skill = persistence.rmse > 0 ? 1 - forecast.rmse / persistence.rmse : 0
    hasSkill = skill > 0 && (dieboldMariano ?? .infinity) > Self.significant
    let correlations = (0...10).map { lag -> Double in
      let pairs = targets.map { ($0, $0 - lag) }.filter { $0.1 >= 0 }
      return Self.correlation(
        pairs.map { said[$0.0 - targets.lowerBound] }, pairs.map { levels[$0.1] })
    }
    bestLag = correlations.indices.max { correlations[$0] < correlations[$1] } ?? 0
  }

  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let count = Double(max(a.count, 1))
    let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
    var (product, squareA, squareB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += (x - meanA) * (y - meanB)
      squareA += (x - meanA) * (x - meanA)
      squareB += (y - meanB) * (y - meanB)
    }
    let scale = (squareA * squareB).squareRoot()
    return scale > 0 ? product / scale : 0
  }

  /// The mean of differences over its standard error, which counts that those closer than the horizon belong
  /// together.
  package static func dieboldMariano(_ differences: [Double], horizon: Int) -> Double? {
    let count = Double(differences.count)
    guard differences.count > max(horizon, 1) else { return nil }
    let mean = differences.reduce(0, +) / count
    func covariance(_ lag: Int) -> Double {
      (lag..<differences.count).reduce(0) {
        $0 + (differences[$1] - mean) * (differences[$1 - lag] - mean)
      } / count
    }
    // Where the sum of covariances is not positive, the variance alone stands for it.
    let own = covariance(0)
    let sum = (1..<max(horizon, 1)).reduce(own) { $0 + 2 * covariance($1) }
    let variance = sum > 0 ? sum : own
    guard variance > 0 else { return nil }
    let ahead = Double(horizon)
    let correction = max(0, (count + 1 - 2 * ahead + ahead * (ahead - 1) / count) / count)
    return mean / (variance / count).squareRoot() * correction.squareRoot()
  }

  /// What the statistic exceeds by chance in one case of twenty where there is no skill (normal
  /// distribution).
  public static let significant = 1.645
}
