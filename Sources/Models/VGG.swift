import Networks
import Tensors

extension Models {
  /// VGG networks.
  ///
  /// K. Simonyan, A. Zisserman: *Very Deep Convolutional Networks for Large-Scale Image
  /// Recognition*. 2014, arXiv 1409.1556, table 1. Parameters are named as torchvision's.
  ///
  /// Departures: He initialization; maps of any size are pooled to the 7 × 7 that the dense layers take.
  public enum VGG {
    /// Configuration A.
    case vgg11
    /// Configuration B.
    case vgg13
    /// Configuration D.
    case vgg16
    /// Configuration E.
    case vgg19

    /// The network for classes and an input size. Shapes in comments: VGG-16, 224 × 224 × 3.
    public func network(classes: Int = 1000, input: Shape = [224, 224, 3]) -> Network {
      Network(input: input) {
        Sequential(naming: .byIndex) {
          stage(64, convolutions: convolutions[0])  // 112×112×64
          stage(128, convolutions: convolutions[1])  // 56×56×128
          stage(256, convolutions: convolutions[2])  // 28×28×256
          stage(512, convolutions: convolutions[3])  // 14×14×512
          stage(512, convolutions: convolutions[4])  // 7×7×512
        }.named("features")
        AdaptiveAveragePool2D(7).named("avgpool")  // 7×7×512
        Flatten().named("flatten")  // 25088
        Sequential(naming: .byIndex) {
          Dense(4096, initializer: .heNormal)  // 4096
          ActivationLayer(.relu)  // 4096
          Dropout(0.5)  // 4096
          Dense(4096, initializer: .heNormal)  // 4096
          ActivationLayer(.relu)  // 4096
          Dropout(0.5)  // 4096
          Dense(classes)  // 1000
        }.named("classifier")
      }
    }

    /// The number of convolutions in each stage.
    private var convolutions: [Int] {
      switch self {
      case .vgg11: [1, 1, 2, 2, 2]
      case .vgg13: [2, 2, 2, 2, 2]
      case .vgg16: [2, 2, 3, 3, 3]
      case .vgg19: [2, 2, 4, 4, 4]
      }
    }

    /// 3 × 3 convolutions of one width, and half the size.
    private func stage(_ width: Int, convolutions: Int) -> [any Layer] {
      var layers: [any Layer] = []
      for _ in 0..<convolutions {
        layers.append(Conv2D(width, 3, padding: .same, initializer: .heNormal))
        layers.append(ActivationLayer(.relu))
      }
      return layers + [MaxPool2D(2)]
    }
  }
}
