import Inference
import ModelFiles
import Networks
import Training

/// A trained restorer whose values another training begins with.
public struct PretrainedRestorer: Sendable {
  /// The size of its network, which the other one has, too.
  public let size: NetworkSize
  private let values: TensorTable
  private let path: String

  /// Reads a model file that ``RestorationTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(.restoration)
    guard !model.nonFiniteWeights.holdsNaN else {
      throw .file(path: path, problem: "is damaged: some weights are not a number")
    }
    var values = TensorTable()
    for name in model.variables.names { values[name] = model.variables[name] }
    guard let head = values.first(where: { $0.name.hasSuffix(".head.bias") })?.tensor else {
      throw .file(path: path, problem: "holds no network that another can begin with")
    }
    size = NetworkSize(
      channels: head.count,
      blocks: values.names.filter { $0.contains(".block") && $0.hasSuffix(".conv1.bias") }.count)
    (self.values, self.path) = (values, path)
  }

  /// The values that a network of this size for a task begins with: those of the same name and shape. What
  /// takes other colors or makes another size begins at random.
  ///
  /// - Throws: where the two share too little.
  public func weights(for restoration: Restoration) throws(TrainingError) -> TensorTable {
    var kept = TensorTable()
    do {
      let variables = try restoration.network(size, size: 64).variables()
      for variable in variables {
        if let value = values[variable.name], value.shape == variable.shape {
          kept[variable.name] = value
        } else if variable.name.contains(".block") {
          throw TrainingError.file(
            path: path, problem: "is of another network than is used for \(restoration.kind)")
        }
      }
    } catch { throw TrainingError(wrapping: error) }
    return kept
  }
}
