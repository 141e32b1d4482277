import Inference

/// What is wrong with a model, and which option helps. The library knows no options: its errors say what
/// they are about, and this is the one place that says how the command line calls it.
func advised(_ error: any Error) -> String {
  switch error {
  case InferenceError.missingPreprocessing:
    "\(error): use --preprocess imagenet (usual for photo networks), unit, symmetric or bytes, or "
      + "--mean and --std"
  case InferenceError.knownPreprocessing: "\(error); remove --preprocess, --mean and --std"
  case InferenceError.fixedSize: "\(error); remove --size"
  default: "\(error)"
  }
}
