import ModelFiles

/// Why a model could not be loaded or run: one line.
public enum InferenceError: Error, Sendable, Hashable {
  /// A file could not be read, or holds something else than was asked for.
  case file(path: String, problem: String)
  /// The model is for something else than what is asked of it.
  case otherTask(path: String, task: ModelTask, expected: ModelTask)
  /// The file does not say how images are preprocessed, and the caller does not either.
  case missingPreprocessing(path: String)
  /// The file says how images are preprocessed, and the caller says so, too.
  case knownPreprocessing(path: String)
  /// The network takes images of one size, and the caller asks for another.
  case fixedSize(path: String, width: Int, height: Int)
  /// What was asked for does not exist or does not fit: a layer, a class, labels.
  case invalid(String)
  /// The network cannot be built or computed.
  case network(String)

  /// An error of the modules below: of a graph, a network, a plan or a model file.
  package init(wrapping error: any Error) {
    self = error as? InferenceError ?? .network("\(error)")
  }
}

extension InferenceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let path, let problem): "\(path): \(problem)"
    case .otherTask(let path, let task, let expected):
      "\(path): is a model for \(task.rawValue), not for \(expected.rawValue)"
    case .missingPreprocessing(let path):
      "\(path): does not record its preprocessing"
    case .knownPreprocessing(let path):
      "\(path): already defines its preprocessing"
    case .fixedSize(let path, let width, let height):
      "\(path): takes \(width) × \(height) pixels only"
    case .invalid(let problem), .network(let problem): problem
    }
  }
}
