import Networks
import Tensors

extension Models {
  /// AlexNet in the form that became usual, on one processor and without normalization.
  ///
  /// A. Krizhevsky: *One Weird Trick for Parallelizing Convolutional Neural Networks*. 2014, arXiv
  /// 1404.5997. Parameters are named as torchvision's. Images of less than 63 pixels are too small for it.
  public static func alexNet(classes: Int = 1000, input: Shape = [224, 224, 3]) -> Network {
    Network(input: input) {
      Sequential(naming: .byIndex) {
        Conv2D(64, 11, strides: 4, padding: .explicit(2), initializer: .heNormal)  // 55×55×64
        ActivationLayer(.relu)
        MaxPool2D(3, strides: 2)  // 27×27×64
        Conv2D(192, 5, padding: .same, initializer: .heNormal)  // 27×27×192
        ActivationLayer(.relu)
        MaxPool2D(3, strides: 2)  // 13×13×192
        Conv2D(384, 3, padding: .same, initializer: .heNormal)  // 13×13×384
        ActivationLayer(.relu)
        Conv2D(256, 3, padding: .same, initializer: .heNormal)  // 13×13×256
        ActivationLayer(.relu)
        Conv2D(256, 3, padding: .same, initializer: .heNormal)  // 13×13×256
        ActivationLayer(.relu)
        MaxPool2D(3, strides: 2)  // 6×6×256
      }.named("features")
      AdaptiveAveragePool2D(6).named("avgpool")  // 6×6×256
      Flatten().named("flatten")  // 9216
      Sequential(naming: .byIndex) {
        Dropout(0.5)
        Dense(4096, initializer: .heNormal)  // 4096
        ActivationLayer(.relu)
        Dropout(0.5)
        Dense(4096, initializer: .heNormal)  // 4096
        ActivationLayer(.relu)
        Dense(classes)  // 1000
      }.named("classifier")
    }
  }

  /// AlexNet as it won in 2012: its two processors are two groups in layers 2, 4 and 5, and local response
  /// normalization follows the first two.
  ///
  /// A. Krizhevsky, I. Sutskever, G. Hinton: *ImageNet Classification with Deep Convolutional Neural
  /// Networks*. 2012, §3. Departure: He initialization.
  public static func alexNet2012(classes: Int = 1000, input: Shape = [227, 227, 3]) -> Network {
    Network(input: input) {
      Conv2D(96, 11, strides: 4, activation: .relu, initializer: .heNormal)  // 55×55×96
      LocalResponseNorm()  // 55×55×96
      MaxPool2D(3, strides: 2)  // 27×27×96
      Conv2D(
        256, 5, padding: .same, groups: 2, activation: .relu, initializer: .heNormal)  // 27×27×256
      LocalResponseNorm()  // 27×27×256
      MaxPool2D(3, strides: 2)  // 13×13×256
      Conv2D(384, 3, padding: .same, activation: .relu, initializer: .heNormal)  // 13×13×384
      Conv2D(
        384, 3, padding: .same, groups: 2, activation: .relu, initializer: .heNormal)  // 13×13×384
      Conv2D(
        256, 3, padding: .same, groups: 2, activation: .relu, initializer: .heNormal)  // 13×13×256
      MaxPool2D(3, strides: 2)  // 6×6×256
      Flatten()  // 9216
      Dense(4096, activation: .relu, initializer: .heNormal)  // 4096
      Dropout(0.5)
      Dense(4096, activation: .relu, initializer: .heNormal)  // 4096
      Dropout(0.5)
      Dense(classes)  // 1000
    }
  }
}
