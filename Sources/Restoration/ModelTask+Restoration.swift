import Inference
import ModelFiles

extension ModelTask {
  /// Images made better: larger, without noise, or without what compression left.
  public static let restoration = ModelTask(rawValue: "restoration")
}

extension LoadedModel {
  /// - Throws: where the model restores nothing, or something else; the error says what it is for.
  func require(restoring kind: Restoration.Kind) throws(InferenceError) {
    try require(.restoration)
    let found = otherMetadata[RestorationTask.kindKey] ?? "something unknown"
    guard found == kind.rawValue else {
      throw .file(path: path, problem: "is a model for \(found), not for \(kind.rawValue)")
    }
  }
}
