import Engine
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

  /// The network of a restorer that keeps the size of images, and how many colors it takes.
  ///
  /// - Throws: where it restores something else, or takes or makes other channels.
  func keepingSize(
    _ kind: Restoration.Kind, options: PlanOptions
  ) throws(InferenceError) -> (network: TiledNetwork, colors: Int) {
    try require(restoring: kind)
    let network = try tiled(
      scale: 1, reach: number(RestorationTask.reachKey, in: 0...256), stride: 2, options: options)
    let colors = network.outputChannels
    guard [1, 3].contains(colors), network.inputChannels == colors + 1 else {
      throw .file(path: path, problem: "takes or makes other channels than a denoiser")
    }
    return (network, colors)
  }
}
