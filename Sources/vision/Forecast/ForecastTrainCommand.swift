import ArgumentParser
import Engine
import Forecasting
import ModelFiles
import Training

/// `vision forecast train`: makes a forecaster of a column.
struct ForecastTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a forecaster of a column of numbers.",
    discussion: """
      The network sees a window of rows and says the rows that follow. The last fifth of the table is \
      never looked at; 'forecast evaluate' uses it. A gap of window + horizon rows separates what is \
      learned from what is measured, and all scales are those of the training part.

      Examples:
        vision forecast train prices.csv --column close --out run
        vision forecast train load.csv --column MW --horizon 24 --out run
        vision forecast train prices.csv --column close --network linear --out run
      """)

  @Argument(help: ArgumentHelp("The table.", valueName: "table"), completion: .file())
  var table: String

  @Option(help: ArgumentHelp("The column to forecast.", valueName: "name"))
  var column: String

  @Option(help: ArgumentHelp("Rows that the network sees.", valueName: "rows"))
  var window = 60

  @Option(help: ArgumentHelp("Rows ahead that it says.", valueName: "rows"))
  var horizon = 1

  @Option(
    help: ArgumentHelp(
      "What the network sees: returns (changes from row to row) or levels.", valueName: "kind"))
  var values = ForecastSettings.Values.returns

  @Option(
    help: ArgumentHelp(
      "The network: \(ForecastNetworks.names.joined(separator: ", ")).", valueName: "name"),
    completion: .list(ForecastNetworks.names))
  var network = "lstm"

  @Option(help: ArgumentHelp("Units of each recurrent layer.", valueName: "n"))
  var units = 256

  @Option(help: ArgumentHelp("Number of epochs.", valueName: "n"))
  var epochs = ForecastTask.Recipe().epochs

  @Option(help: ArgumentHelp("Batch size.", valueName: "n"))
  var batch = ForecastTask.Recipe().batchSize

  @Option(help: ArgumentHelp("Peak learning rate.", valueName: "rate"))
  var learningRate = ForecastTask.Recipe().learningRate

  @Option(
    help: ArgumentHelp(
      "Early stopping: stop after n epochs without improvement in validation.", valueName: "n"))
  var patience: Int?

  @OptionGroup var runOptions: TrainingRunOptions

  func run() throws {
    try runOptions.run(train)
  }

  private func train(_ options: PlanOptions) throws(TrainingError) -> ExitStatus {
    let card: ModelCard
    do throws(RunError) {
      card = try runOptions.cardOptions.modelCard(data: table, seed: runOptions.seed)
    } catch {
      throw .network(error.message)
    }
    try RunFolder.validate(runOptions.out, outside: [])
    guard (1...8_192).contains(units) else {
      throw .options("--units \(units): expected 1 to 8192")
    }
    let read = try SeriesTable(path: table, column: column)
    let series = try ForecastSeries(
      read.levels,
      settings: ForecastSettings(
        column: column, window: window, horizon: horizon, values: values, network: network,
        units: units))
    var recipe = ForecastTask.Recipe()
    recipe.epochs = epochs
    recipe.batchSize = batch
    recipe.learningRate = learningRate
    recipe.patience = patience
    let task = try ForecastTask(series, recipe: recipe, path: table, card: card)
    let console = TrainingConsole(ForecastTask.self)
    let parameters = (try? task.network.summary().parameters) ?? 0
    console.say(
      "\(column): \(read.levels.count) rows, \(series.training.count) to learn from, "
        + "\(series.validation.count) to validate, \(series.test.count) to test "
        + "(from \(read.rowNames[series.test.lowerBound]) on)")
    console.say(
      "\(network) with \(parameters) parameters, \(counted(window, "row")) of \(values.rawValue), "
        + "\(counted(horizon, "row")) ahead, \(counted(epochs, "epoch")), batch size \(batch), seed \(runOptions.seed)"
    )
    return try console.run(
      task,
      settings: runOptions.settings(options, storedPrecision: .float32),
      out: runOptions.out
    ) { "vision forecast evaluate \(FilePath(argument: table).shellText) --model \($0)" }
  }
}
