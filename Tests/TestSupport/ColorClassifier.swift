import Datasets
import ModelFiles
import Networks
import Tensors

/// A classifier whose answers can be worked out by hand: the first channel of its convolution passes
/// red, the second blue; a class's logit is 4 × the mean of its channel.
public enum ColorClassifier {
  public static let network = Network(input: [8, 8, 3]) {
    Conv2D(2, 3, padding: .same, activation: .relu)
    GlobalAveragePool()
    Dense(2)
  }

  /// The softmax of (4, 0): what a wholly red picture gives for red, a wholly blue one for blue.
  public static let sureProbability = 0.982014

  /// The model; `classNames` may be wrong to make a file that fits no network.
  public static func file(classNames: [String] = ["red", "blue"]) throws -> ModelFile {
    var kernels = [Float](repeating: 0, count: 2 * 3 * 9)
    // [output, channel, row, column]: the middle of red's and of blue's plane.
    kernels[(0 * 3 + 0) * 9 + 4] = 1
    kernels[(1 * 3 + 2) * 9 + 4] = 1
    var tensors = TensorTable()
    tensors["conv1.weight"] = Tensor([2, 3, 3, 3], kernels)
    tensors["conv1.bias"] = Tensor([2], repeating: 0)
    tensors["dense1.weight"] = Tensor([2, 2], [4, 0, 0, 4])
    tensors["dense1.bias"] = Tensor([2], repeating: 0)
    return ModelFile(
      tensors: tensors, architecture: try network.json(),
      card: ModelCard(
        name: "colors", summary: "tells red from blue", classNames: classNames,
        preprocessing: Preprocessing(
          width: 8, height: 8, channels: 3, mean: [0, 0, 0], std: [1, 1, 1]),
        metrics: ["accuracy": 0.9876], evaluatedOn: "two pictures"))
  }
}
