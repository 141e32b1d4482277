import Engine
import Inference
import ModelFiles
import Networks

/// A trained forecaster: a network, what it looks at, and how sure it is.
public struct Forecaster {
  /// What the model file keeps beside the network.
  struct Record: Codable, Sendable, Hashable {
    var settings: ForecastSettings
    var scale: ForecastScale
    /// Of the validation part what 10 and 90 % of the errors (true − said) lie below, for each row ahead, in the units
    /// of what is said.
    var lower, upper: [Double]
    /// Rows that the training saw.
    var trainedRows: Int
  }

  static let metadataKey = "forecast"

  public let card: ModelCard
  public var settings: ForecastSettings { record.settings }
  public var trainedRows: Int { record.trainedRows }
  let record: Record
  private let runner: BatchRunner

  /// A value that is said, and the interval that holds the true one in four of five cases.
  public struct Prediction: Sendable, Hashable, Encodable {
    /// Rows behind the last one that is known, from 1.
    public var ahead: Int
    public var value, lower, upper: Double
  }

  /// - Throws: where the file is damaged, or of another task.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    guard model.task == .forecasting, let text = model.otherMetadata[Self.metadataKey],
      let record = try? JSONText.decode(Record.self, from: text, called: "forecast")
    else {
      throw .file(path: path, problem: "is no forecaster (it is for \(model.task.rawValue))")
    }
    let settings = record.settings
    guard model.network.inputShape == [settings.window, 1],
      [record.scale.targetStd.count, record.lower.count, record.upper.count]
        .allSatisfy({ $0 == settings.horizon }), record.scale.std != 0
    else { throw .file(path: path, problem: "its network does not fit what it says of itself") }
    card = model.card
    self.record = record
    runner = try BatchRunner(
      model.network, variables: model.variables, batchSize: 32, options: options)
    guard runner.outputCount == settings.horizon else {
      throw .file(path: path, problem: "its network does not fit what it says of itself")
    }
  }

  init(runner: BatchRunner, record: Record) {
    self.runner = runner
    self.record = record
    card = ModelCard(name: "")
  }

  /// What is said of each target, for all rows from behind its input on, unscaled.
  func said(_ series: ForecastSeries, targets: Range<Int>) throws(InferenceError) -> [[Double]] {
    var results: [[Double]] = []
    let (scale, settings) = (record.scale, record.settings)
    do {
      try runner.run(count: targets.count) { number, input in
        _ = input.update(
          fromContentsOf: scale.input(series.input(target: targets.lowerBound + number)))
      } _: { _, output in
        results.append(
          output.enumerated().map { scale.said($0.element, ahead: $0.offset, settings) })
      }
    } catch { throw (error as? InferenceError) ?? .network("\(error)") }
    return results
  }

  /// The values said of targets, at their whole horizon.
  public func levels(
    _ series: ForecastSeries, targets: Range<Int>
  ) throws(InferenceError) -> [Double] {
    let horizon = settings.horizon
    return zip(targets, try said(series, targets: targets)).map { target, said in
      series.level(said[horizon - 1], base: target - horizon)
    }
  }

  /// The values that follow the last row.
  public func next(_ series: ForecastSeries) throws(InferenceError) -> [Prediction] {
    let base = series.levels.count - 1
    let target = base + settings.horizon
    return try said(series, targets: target..<target + 1)[0].enumerated().map { ahead, said in
      Prediction(
        ahead: ahead + 1, value: series.level(said, base: base),
        lower: series.level(said + record.lower[ahead], base: base),
        upper: series.level(said + record.upper[ahead], base: base))
    }
  }
}

extension ModelTask {
  /// The values of a series that come next.
  public static let forecasting = ModelTask(rawValue: "forecasting")
}
