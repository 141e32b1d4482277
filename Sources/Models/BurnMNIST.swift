import Networks
import Tensors

extension Models {
  /// The digit network of burn's examples (tracel-ai/burn, `import-model-weights`), named as there, so
  /// that weights trained with it can be imported. The last normalization gives the logits.
  static func burnMNIST(classes: Int, input: Shape) -> Network {
    Network(input: input) {
      Conv2D(8, 3, activation: .relu).named("conv1")  // 26×26×8
      Conv2D(16, 3, activation: .relu).named("conv2")  // 24×24×16
      Conv2D(24, 3, activation: .relu).named("conv3")  // 22×22×24
      BatchNorm().named("norm1")  // 22×22×24
      Flatten().named("flatten")  // 11616
      Dense(32, activation: .relu).named("fc1")  // 32
      Dropout(0.3).named("dropout1")  // 32
      Dense(classes).named("fc2")  // 10
      BatchNorm().named("norm2")  // 10
    }
  }
}
