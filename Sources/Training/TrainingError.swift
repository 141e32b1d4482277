import Datasets
import Inference

/// Why a training or an evaluation could not go on: one line that says what to do.
public enum TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The examples cannot be learned from or measured by; `damaged` are those that could not be read, to
  /// be named beside it.
  case data(String, damaged: [DatasetWarning] = [])
  /// A setting that cannot be: its name, such as `recipe.epochs`, and what is wrong with its value.
  case setting(String, String)
  /// Settings that do not go together, or with the data.
  case options(String)
  /// The run folder was begun with another configuration.
  case otherConfiguration(folder: String, [ConfigurationDifference])
  /// The data lies elsewhere than when the training began.
  case dataMoved(folder: String, before: String, now: String)
  /// A run folder or checkpoint of another task.
  case otherTask(path: String, task: String, expected: String)
  /// Another process trains into the run folder.
  case inUse(folder: String)
  /// A path that cannot be a run folder.
  case folder(path: String, problem: String)
  /// A file could not be read or written.
  case file(path: String, problem: String)
  /// A checkpoint that the training cannot go on from.
  case checkpoint(String)
  /// A reported number is not finite; `place` is where that first was so.
  case notFinite(epoch: Int, step: Int, place: String?)
  /// The network cannot be built or computed.
  case network(String)
  /// A model cannot be loaded or run.
  case model(InferenceError)
  /// A stop was asked for.
  case interrupted

  /// An error of the rooms below: of a graph, a network, a plan or a model file.
  public init(wrapping error: any Error) {
    switch error {
    case let error as TrainingError: self = error
    case InferenceError.file(let path, let problem): self = .file(path: path, problem: problem)
    case InferenceError.invalid(let problem): self = .options(problem)
    case let error as InferenceError: self = .model(error)
    default: self = .network("\(error)")
    }
  }

  /// There are examples, and none of them can be read.
  public static func noneReadable(
    path: String, count: Int, damaged: [DatasetWarning] = []
  ) -> TrainingError {
    .data(
      count == 1
        ? "\(path): the only image cannot be read"
        : "\(path): none of the \(count) images can be read", damaged: damaged)
  }

  public var description: String {
    switch self {
    case .data(let problem, _), .options(let problem), .network(let problem),
      .checkpoint(let problem):
      problem
    case .setting(let name, let problem): "\(name) \(problem)"
    case .model(let error): "\(error)"
    case .otherConfiguration(let folder, let differences):
      "\(folder): was begun with other settings (\(Self.list(differences))); "
        + "use the same settings to go on, or another run folder"
    case .dataMoved(let folder, let before, let now):
      "\(folder): was begun with the data in \(before), not in \(now); say that the data has moved, "
        + "or use another run folder"
    case .otherTask(let path, let task, let expected):
      "\(path): is of a training of another kind (\(task), not \(expected)); use another run folder"
    case .inUse(let folder):
      "\(folder): another process trains into it; wait for its end, or use another run folder"
    case .folder(let path, let problem): "\(path): \(problem); use another run folder"
    case .file(let path, let problem): "\(path): \(problem)"
    case .notFinite(let epoch, let step, let place):
      "a loss is not finite since step \(step) of epoch \(epoch)"
        + (place.map { ", first in \($0)" } ?? "") + "; try a smaller learning rate"
    case .interrupted: "stopped"
    }
  }

  private static func list(_ differences: [ConfigurationDifference]) -> String {
    let shown = differences.prefix(4).map(\.description).joined(separator: "; ")
    return differences.count > 4 ? "\(shown); and \(differences.count - 4) more" : shown
  }
}
