import ArgumentParser
import Engine
import Files
import Forecasting
import Inference
import Training

/// `vision forecast`: how a series goes on.
struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Forecasts a column of numbers.",
    discussion: """
      TABLE is a CSV or TSV file with a header, its rows in the order of time. Train a model first; \
      'forecast evaluate' says whether it is better than repeating the last value.

      Examples:
        vision forecast train prices.csv --column close --out run
        vision forecast evaluate prices.csv --model run/best.safetensors
        vision forecast prices.csv --model run/best.safetensors
      """,
    subcommands: [
      ForecastNextCommand.self, ForecastTrainCommand.self, ForecastEvaluateCommand.self,
    ],
    defaultSubcommand: ForecastNextCommand.self)
}

/// `vision forecast next`: the values behind a table's last row.
struct ForecastNextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "Prints the values that follow the last row.",
    usage: "vision forecast [next] <table> --model <file> [<options>]",
    discussion: """
      Each value comes with an interval in which four of five true values lay in validation.

      Examples:
        vision forecast prices.csv --model run/best.safetensors
        vision forecast next prices.csv --model run/best.safetensors --json
      """)

  @Argument(help: ArgumentHelp("The table.", valueName: "table"), completion: .file())
  var table: String

  @OptionGroup var options: ForecasterOptions

  @Flag(help: "Print a JSON array of objects with ahead, value, lower and upper.")
  var json = false

  @Flag(help: "Print CSV with a header.")
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("--json or --csv: choose one") }
  }

  func run() throws { try options.computing.profiled(forecast) }

  private func forecast(_ planOptions: PlanOptions) throws {
    do {
      let forecaster = try Forecaster(path: options.model, options: planOptions)
      let read = try SeriesTable(path: table, column: forecaster.settings.column)
      let series = try ForecastSeries(
        read.levels, settings: forecaster.settings, trainedRows: forecaster.trainedRows)
      let predictions = try forecaster.next(series)
      if json {
        return StandardStream.output.write(try encodeJSON(predictions) + "\n")
      }
      if csv {
        let lines = predictions.map { "\($0.ahead),\($0.value),\($0.lower),\($0.upper)" }
        return StandardStream.output.write(
          (["ahead,value,lower,upper"] + lines).joined(separator: "\n") + "\n")
      }
      let rows = predictions.map {
        ["+\($0.ahead)", shortNumber($0.value), shortNumber($0.lower), shortNumber($0.upper)]
      }
      let last = [read.rowNames.last ?? "", shortNumber(read.levels.last ?? 0), "", ""]
      let text = TextTable(
        header: ["row", forecaster.settings.column, "10 %", "90 %"], rows: [last] + rows,
        alignments: [.left, .right, .right, .right])
      StandardStream.output.write(text.lines.map { $0 + "\n" }.joined())
    } catch let error as TrainingError {
      throw RunError(error)
    } catch let error as InferenceError {
      throw RunError.aborted(advised(error))
    }
  }
}
