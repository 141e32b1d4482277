import Datasets
import Inference
import ModelFiles
import Segmentation
import Training

// The library knows no options: its errors say what they are about, and this is the one place that says
// what the command line calls it.

/// The options of settings that the library knows by name.
private let optionNames = [
  "batchSize": "--batch", "classNames": "--class-names", "clipping": "--clip",
  "dropout": "--dropout", "emaEpochs": "--ema-epochs", "epochs": "--epochs", "freeze": "--freeze",
  "imageSize": "--size", "labelSmoothing": "--label-smoothing",
  "learningRate": "--learning-rate", "patience": "--patience", "runFolder": "--out",
  "validationFraction": "--validation",
]

/// The commands that take a model of a task.
private let verbs: [ModelTask: String] = [
  .classification: "classify", .generation: "gan sample", .segmentation: "segment",
]

/// What is wrong, and which option helps.
func advised(_ error: any Error) -> String {
  switch error {
  case InferenceError.missingPreprocessing:
    "\(error): use --preprocess imagenet (usual for photo networks), unit, symmetric or bytes, or "
      + "--mean and --std"
  case InferenceError.knownPreprocessing: "\(error); remove --preprocess, --mean and --std"
  case InferenceError.fixedSize: "\(error); remove --size"
  case InferenceError.otherTask(_, let task, _):
    "\(error)" + (verbs[task].map { "; use it with 'vision \($0)'" } ?? "")
  case TrainingError.setting(let name, let problem): "\(optionNames[name] ?? name) \(problem)"
  case TrainingError.model(let error): advised(error)
  case TrainingError.otherConfiguration, TrainingError.otherTask, TrainingError.inUse,
    TrainingError.folder:
    "\(error) (--out)"
  case TrainingError.dataMoved: "\(error) (--data-moved, --out)"
  default: "\(error)"
  }
}

extension RunError {
  /// What was asked for and does not exist is bad usage.
  init(_ error: InferenceError) {
    switch error {
    case .invalid: self = .usage(advised(error))
    default: self = .aborted(advised(error))
    }
  }

  /// Options that do not fit are bad usage; images that cannot be read are named.
  init(_ error: TrainingError) {
    switch error {
    case .options, .setting: self = .usage(advised(error))
    case .data(_, let damaged):
      self.init(
        message: advised(error), status: .aborted, details: damaged.map(\.description))
    case .model(let error): self.init(error)
    default: self = .aborted(advised(error))
    }
  }

  /// Data that cannot be used; what of it cannot be read is named.
  init(_ error: DatasetError) {
    self.init(message: advised(error), status: .aborted, details: error.damaged.map(\.description))
  }
}
