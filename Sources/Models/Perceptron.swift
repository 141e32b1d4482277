import Networks
import Tensors

extension Models {
  /// A multilayer perceptron: dense layers with ReLU between them. Without hidden layers it is the
  /// perceptron of one layer, whose outputs are weighted sums of the pixels.
  ///
  /// F. Rosenblatt: *The Perceptron*. 1958; D. Rumelhart, G. Hinton, R. Williams: *Learning Representations
  /// by Back-Propagating Errors*. 1986.
  ///
  /// - Parameter hidden: the units of each hidden layer, from the input on.
  public static func perceptron(
    classes: Int = 10, input: Shape = [28, 28, 1], hidden: [Int] = []
  ) -> Network {
    Network(input: input) {
      if input.rank > 1 { Flatten() }  // 784
      for units in hidden { Dense(units, activation: .relu, initializer: .heNormal) }  // 256, 128
      Dense(classes)  // 10
    }
  }
}
