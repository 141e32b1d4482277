import Networks
import Tensors

extension Models {
  /// VGG networks.
  ///
  /// K. Simonyan, A. Zisserman: *Very Deep Convolutional Networks for Large-Scale Image
  /// Recognition*. 2014, arXiv 1409.1556, table 1. Parameters are named as torchvision's.
  ///
  /// Departures: He initialisation; images of less than 128 pixels get dense layers of 512 units
  /// instead of 4096.
  public enum VGG {
    /// Configuration A.
    case vgg11
    /// Configuration D.
    case vgg16

    /// The network for classes and an input size. Shapes in comments: VGG-16, 224 × 224 × 3.
    public func network(classes: Int = 1000, input: Shape = [224, 224, 3]) -> Network {
      let units = input.rank == 3 && min(input[0], input[1]) < 128 ? 512 : 4096
      return Network(input: input) {
        Sequential(naming: .positions) {
          stage(64, convolutions: self == .vgg11 ? 1 : 2)  // 112×112×64
          stage(128, convolutions: self == .vgg11 ? 1 : 2)  // 56×56×128
          stage(256, convolutions: self == .vgg11 ? 2 : 3)  // 28×28×256
          stage(512, convolutions: self == .vgg11 ? 2 : 3)  // 14×14×512
          stage(512, convolutions: self == .vgg11 ? 2 : 3)  // 7×7×512
        }.named("features")
        Flatten().named("flatten")  // 25088
        Sequential(naming: .positions) {
          Dense(units, initializer: .heNormal)  // 4096
          ActivationLayer(.relu)  // 4096
          Dropout(0.5)  // 4096
          Dense(units, initializer: .heNormal)  // 4096
          ActivationLayer(.relu)  // 4096
          Dropout(0.5)  // 4096
          Dense(classes)  // 1000
        }.named("classifier")
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
