import Networks
import Tensors

extension Models {
  /// The small CNN of the CIFAR tutorials: three convolutions, two dense layers.
  ///
  /// Source: TensorFlow's tutorial *Convolutional Neural Network (CNN)*; 93,322 parameters on
  /// 28 × 28 × 1, 122,570 on 32 × 32 × 3. The comments give the shapes of the former.
  public static func smallCNN(classes: Int = 10, input: Shape = [28, 28, 1]) -> Network {
    Network(input: input) {
      Conv2D(32, 3, activation: .relu)  // 26×26×32
      MaxPool2D(2)  // 13×13×32
      Conv2D(64, 3, activation: .relu)  // 11×11×64
      MaxPool2D(2)  // 5×5×64
      Conv2D(64, 3, activation: .relu)  // 3×3×64
      Flatten()  // 576
      Dense(64, activation: .relu)  // 64
      Dense(classes, activation: .softmax)  // 10
    }
  }
}
