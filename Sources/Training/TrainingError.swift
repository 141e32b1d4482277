import Datasets
import Inference

/// Why a training or an evaluation could not go on: one line that says what to do.
public enum TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The pictures cannot be trained on or evaluated; `damaged` are those that could not be read, to be
  /// named beside it.
  case data(String, damaged: [DatasetWarning] = [])
  /// Options that do not go together, or with the data.
  case options(String)
  /// The run folder was begun with another configuration.
  case otherConfiguration(folder: String, [ConfigurationDifference])
  /// A file could not be read or written.
  case file(path: String, problem: String)
  /// The loss is no number any more; `layer` is the first whose output is none.
  case notANumber(epoch: Int, step: Int, layer: String?)
  /// The network cannot be built or computed.
  case network(String)

  /// An error of the rooms below: of a graph, a network, a plan or a model file.
  init(wrapping error: any Error) {
    switch error {
    case let error as TrainingError: self = error
    case InferenceError.file(let path, let problem): self = .file(path: path, problem: problem)
    case InferenceError.invalid(let problem): self = .options(problem)
    default: self = .network("\(error)")
    }
  }

  /// There are pictures, and none of them can be read.
  public static func noneReadable(
    path: String, count: Int, damaged: [DatasetWarning] = []
  ) -> TrainingError {
    .data(
      count == 1
        ? "\(path): its only picture cannot be read"
        : "\(path): none of its \(count) pictures can be read", damaged: damaged)
  }

  public var description: String {
    switch self {
    case .data(let problem, _), .options(let problem), .network(let problem): problem
    case .otherConfiguration(let folder, let differences):
      "\(folder): was begun with other settings (\(Self.list(differences))); "
        + "give the same settings to go on, or another folder with --out"
    case .file(let path, let problem): "\(path): \(problem)"
    case .notANumber(let epoch, let step, let layer):
      "the loss is not a number since step \(step) of epoch \(epoch)"
        + (layer.map { ", first in the output of \($0)" } ?? "")
        + "; try a smaller --learning-rate"
    }
  }

  private static func list(_ differences: [ConfigurationDifference]) -> String {
    let shown = differences.prefix(4).map(\.description).joined(separator: "; ")
    return differences.count > 4 ? "\(shown); and \(differences.count - 4) more" : shown
  }
}

/// Calls what loads or runs a model; its errors become those of trainings.
func wrapped<Result>(_ body: @autoclosure () throws -> Result) throws(TrainingError) -> Result {
  do { return try body() } catch { throw TrainingError(wrapping: error) }
}
