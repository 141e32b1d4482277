import ArgumentParser
import Datasets
import Files
import Forecasting
import Training

/// A table, and which of its columns is forecast.
struct SeriesTable {
  let levels: [Double]
  /// What each row is called: its date, where the first column holds no numbers, else its number.
  let rowNames: [String]

  /// - Throws: where the table has no such column, or a row of it no number.
  init(path: String, column: String) throws(TrainingError) {
    do throws(DatasetError) {
      let table = try DelimitedTable(path: path)
      levels = try table.numbers(try table.column(column))
      let isNamed = table.rows.first.map { Double($0[0]) == nil } ?? false
      rowNames = table.rows.enumerated().map { isNamed ? $1[0] : "row \($0 + 2)" }
    } catch { throw .data("\(error)") }
  }
}

/// The model of a forecast.
struct ForecasterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Model file that 'vision forecast train' made.", valueName: "file"), completion: .file())
  var model: String

  @OptionGroup(title: "Compute") var computing: ComputeOptions
}

extension ForecastSettings.Values: ExpressibleByArgument {}

/// A number for people: four digits behind the point, fewer of large ones.
func shortNumber(_ value: Double) -> String {
  fixed(value, decimals: abs(value) >= 1_000 ? 1 : abs(value) >= 10 ? 2 : 4)
}
