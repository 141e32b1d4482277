import Engine
import ModelFiles
import Tensors

extension LoadedModel {
  /// The model's network over images of any size.
  ///
  /// - Parameters:
  ///   - task: what the model must be for.
  ///   - scale: pixels of the output for one of the input.
  ///   - reach: how far a pixel of the output sees, in pixels of the input.
  ///   - stride: what the network divides its input's sides by.
  /// - Throws: where it is for something else, or takes no images.
  public func tiled(
    scale: Int, reach: Int, stride: Int = 1, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) -> TiledNetwork {
    try TiledNetwork(
      network, weights: numbers(), scale: scale, reach: reach, stride: stride, options: options)
  }

  /// The model's network over images of any size, in windows; see
  /// ``WindowedNetwork/init(_:weights:stride:remainder:margin:overlap:options:)``.
  ///
  /// - Throws: where it takes no images, or makes none of their size.
  public func windowed(
    stride: Int, remainder: Int = 0, margin: Int = 0, overlap: Int,
    options: PlanOptions = PlanOptions()
  ) throws(InferenceError) -> WindowedNetwork {
    try WindowedNetwork(
      network, weights: numbers(), stride: stride, remainder: remainder, margin: margin,
      overlap: overlap, options: options)
  }

  /// The values of the weights.
  ///
  /// - Throws: where one of them is no number.
  package func numbers() throws(InferenceError) -> TensorTable {
    try nonFiniteWeights.requireNumbers()
    var weights = TensorTable()
    for name in variables.names { weights[name] = variables[name] }
    return weights
  }

  /// - Throws: where the model is for something else; the error says for what.
  public func require(_ task: ModelTask) throws(InferenceError) {
    guard self.task == task else {
      throw .otherTask(path: path, task: self.task, expected: task)
    }
  }

  /// A whole number that the file says under a name.
  ///
  /// - Throws: where it says none within the range.
  public func number(
    _ key: String, in range: ClosedRange<Int>
  ) throws(InferenceError) -> Int {
    guard let number = otherMetadata[key].flatMap({ Int($0) }), range.contains(number) else {
      throw .file(path: path, problem: "does not say its \(key), or one that cannot be")
    }
    return number
  }
}
