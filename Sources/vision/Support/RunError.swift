import Datasets
import Inference
import Training

/// What the exit code tells.
enum ExitStatus: CInt, Error {
  case done = 0
  case someFailed = 1
  case stopped = 2
  case badUsage = 64
}

/// Why the run itself could not go on, in one line.
struct RunError: Error {
  let message: String
  let status: ExitStatus
  /// Lines that are told before the message, such as the files that are damaged.
  var details: [String] = []

  static func stopped(_ message: String) -> RunError {
    RunError(message: message, status: .stopped)
  }
  static func usage(_ message: String) -> RunError { RunError(message: message, status: .badUsage) }
  static func failed(_ message: String) -> RunError {
    RunError(message: message, status: .someFailed)
  }
}

extension RunError {
  /// The options of settings that the library knows by name.
  private static let options = [
    "batchSize": "--batch", "classNames": "--class-names", "clipping": "--clip",
    "dropout": "--dropout", "emaEpochs": "--ema-epochs", "epochs": "--epochs", "freeze": "--freeze",
    "imageSize": "--size", "labelSmoothing": "--label-smoothing",
    "learningRate": "--learning-rate", "patience": "--patience", "runFolder": "--out",
    "validationFraction": "--validation",
  ]

  /// What was asked for and does not exist is bad usage.
  init(_ error: InferenceError) {
    if case .invalid(let problem) = error {
      self = .usage(problem)
    } else {
      self = .stopped(advised(error))
    }
  }

  /// Options that do not fit are bad usage; images that cannot be read are named.
  init(_ error: TrainingError) {
    switch error {
    case .options(let problem): self = .usage(problem)
    case .setting(let name, let problem):
      self = .usage("\(Self.options[name] ?? name) \(problem)")
    case .data(let problem, let damaged):
      self.init(message: problem, status: .stopped, details: damaged.map(\.description))
    case .otherConfiguration, .otherTask, .inUse, .folder: self = .stopped("\(error) (--out)")
    case .model(let error): self.init(error)
    case .dataMoved: self = .stopped("\(error) (--data-moved, --out)")
    default: self = .stopped("\(error)")
    }
  }

  /// Data that cannot be used; what of it cannot be read is named.
  init(_ error: DatasetError) {
    self.init(
      message: "\(error)", status: .stopped, details: error.damaged.map(\.description))
  }
}
