import ArgumentParser
import Engine
import Figures
import Files
import Forecasting
import Inference
import Training

/// `vision forecast evaluate`: how good a forecast is, beside those that need no model.
struct ForecastEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compares a forecaster with the last value repeated.",
    usage: "vision forecast evaluate <table> --model <file> [<options>]",
    discussion: """
      The last fifth of the rows is tested on, of which training saw nothing. Errors are in the units \
      of the column. The skill is 1 - RMSE / RMSE of the last value repeated.

      Examples:
        vision forecast evaluate prices.csv --model run/best.safetensors
        vision forecast evaluate prices.csv --model run/best.safetensors --season 5
      """)

  @Argument(help: ArgumentHelp("The table.", valueName: "table"), completion: .file())
  var table: String

  @OptionGroup var options: ForecasterOptions

  @Option(
    help: ArgumentHelp(
      "Rows of a season: compare with the value one season before, too.", valueName: "rows"))
  var season: Int?

  @Option(
    help: ArgumentHelp(
      "Draw truth, forecast and the last value repeated (PNG or JPEG).", valueName: "file"),
    completion: .file())
  var figure: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if let season, !(1...100_000).contains(season) {
      throw ValidationError("--season \(season): expected 1 to 100,000")
    }
  }

  func run() throws { try options.computing.profiled(evaluate) }

  private func evaluate(_ planOptions: PlanOptions) throws {
    do {
      let forecaster = try Forecaster(path: options.model, options: planOptions)
      let read = try SeriesTable(path: table, column: forecaster.settings.column)
      let series = try ForecastSeries(
        read.levels, settings: forecaster.settings, trainedRows: forecaster.trainedRows)
      guard !series.test.isEmpty else {
        throw RunError.aborted("\(table): holds no rows that the training has not seen")
      }
      let said = try forecaster.levels(series, targets: series.test)
      let metrics = ForecastMetrics(series, targets: series.test, said: said, season: season)
      if let figure {
        do {
          try ForecastFigure.rendered(
            series, targets: series.test, said: said, title: "\(forecaster.card.name): test"
          ).write(path: figure)
        } catch {
          throw RunError.aborted("--figure \(figure): \(error)")
        }
      }
      let text =
        json
        ? try encodeJSON(object: metrics)
        : Self.text(metrics, from: read.rowNames[series.test.lowerBound])
      StandardStream.output.write(text + "\n")
    } catch let error as TrainingError {
      throw RunError(error)
    } catch let error as InferenceError {
      throw RunError.aborted(advised(error))
    }
  }

  /// The report for people.
  static func text(_ metrics: ForecastMetrics, from row: String) -> String {
    func line(_ name: String, _ errors: ForecastMetrics.Errors) -> [String] {
      [name, shortNumber(errors.rmse), shortNumber(errors.mae)]
    }
    var rows = [
      line("forecast", metrics.forecast), line("last value repeated", metrics.persistence),
    ]
    if let seasonal = metrics.seasonal, let season = metrics.season {
      rows.append(line("\(season) rows before", seasonal))
    }
    let table = TextTable(
      header: ["", "RMSE", "MAE"], rows: rows, alignments: [.left, .right, .right])
    var lines = ["\(metrics.count) test rows, from \(row) on"] + table.lines
    lines.append(
      "skill \(percent(metrics.skill)); the forecast correlates best with the truth "
        + (metrics.bestLag == 0
          ? "of the same row" : "of \(counted(metrics.bestLag, "row")) before"))
    if !metrics.hasSkill {
      lines.append(
        metrics.skill > 0
          ? "No better than repeating the last value: that much skill is within chance (Diebold-Mariano "
            + "\(fixed(metrics.dieboldMariano ?? 0, decimals: 2)), needed \(fixed(ForecastMetrics.significant, decimals: 2)))."
          : "No better than repeating the last value.")
    }
    return lines.joined(separator: "\n")
  }
}
