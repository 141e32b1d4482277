import ArgumentParser
import Engine
import ModelFiles
import Training

/// What every command that trains takes beside its data and its recipe.
struct TrainingRunOptions: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Run directory.", valueName: "run"),
    completion: .directory)
  var out: String

  @Option(
    help: ArgumentHelp(
      "Random seed (initialization, shuffling, augmentation, dropout).", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup var moved: MovedDataOption

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  @OptionGroup(title: "Model card") var cardOptions: CardOptions

  /// Trains, and ends the command with an exit code of its own where the training did not come to its end, so that
  /// `vision train … && …` does not go on with half a training.
  func run(_ train: (PlanOptions) throws -> ExitStatus) throws {
    OpenMP.limitSpinning()
    let status: ExitStatus
    do { status = try computing.profiled(train) } catch let error as TrainingError {
      throw RunError(error)
    }
    if status != .done { throw status }
  }

  func settings(
    _ options: PlanOptions, storedPrecision: StoredPrecision = .float16
  ) -> TrainingSettings {
    TrainingSettings(
      seed: seed, threads: computing.threads, storedPrecision: storedPrecision,
      profiler: options.profiler, isDataMoved: moved.isMoved)
  }
}
