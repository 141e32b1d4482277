import Networks
import Tensors

extension Models {
  /// GoogLeNet (Inception v1).
  ///
  /// C. Szegedy et al.: *Going Deeper with Convolutions*. 2014, arXiv 1409.4842, table 1. In training two
  /// auxiliary classifiers (§5) add 0.3 of their loss each; they are gone in inference.
  ///
  /// Departures: He initialization; images of less than 96 pixels keep their size in the first convolution.
  public enum GoogLeNet {
    /// As in the paper: convolutions with bias, 5 × 5 in the third branch, local response normalization.
    case paper
    /// As in torchvision, whose parameter names it has: batch normalization after each convolution, and
    /// 3 × 3 in the third branch.
    case batchNormalized

    /// The channels of an inception's branches: 1 × 1; 3 × 3 and 5 × 5, each behind a 1 × 1; pool.
    private typealias Inception = (Int, (Int, Int), (Int, Int), Int)

    /// The network for classes and an input size. Shapes in comments: 224 × 224 × 3.
    public func network(classes: Int = 1000, input: Shape = [224, 224, 3]) -> Network {
      let isSmall = input.rank == 3 && min(input[0], input[1]) < 96
      let padding = PaddingMode.ceil(0)
      return Network(input: input) {
        unit(64, 7, stride: isSmall ? 1 : 2).named("conv1")  // 112×112×64
        MaxPool2D(3, strides: 2, padding: padding).named("maxpool1")  // 56×56×64
        if self == .paper { LocalResponseNorm(k: 1).named("norm1") }  // 56×56×64
        unit(64, 1).named("conv2")  // 56×56×64
        unit(192, 3).named("conv3")  // 56×56×192
        if self == .paper { LocalResponseNorm(k: 1).named("norm2") }  // 56×56×192
        MaxPool2D(3, strides: 2, padding: padding).named("maxpool2")  // 28×28×192
        inception((64, (96, 128), (16, 32), 32)).named("inception3a")  // 28×28×256
        inception((128, (128, 192), (32, 96), 64)).named("inception3b")  // 28×28×480
        MaxPool2D(3, strides: 2, padding: padding).named("maxpool3")  // 14×14×480
        inception((192, (96, 208), (16, 48), 64)).named("inception4a")  // 14×14×512
        auxiliary(classes).named("aux1")
        inception((160, (112, 224), (24, 64), 64)).named("inception4b")  // 14×14×512
        inception((128, (128, 256), (24, 64), 64)).named("inception4c")  // 14×14×512
        inception((112, (144, 288), (32, 64), 64)).named("inception4d")  // 14×14×528
        auxiliary(classes).named("aux2")
        inception((256, (160, 320), (32, 128), 128)).named("inception4e")  // 14×14×832
        MaxPool2D(self == .paper ? 3 : 2, strides: 2, padding: padding)
          .named("maxpool4")  // 7×7×832
        inception((256, (160, 320), (32, 128), 128)).named("inception5a")  // 7×7×832
        inception((384, (192, 384), (48, 128), 128)).named("inception5b")  // 7×7×1024
        GlobalAveragePool().named("avgpool")  // 1024
        Dropout(self == .paper ? 0.4 : 0.2).named("dropout")
        Dense(classes).named("fc")  // 1000
      }
    }

    /// Four branches side by side (figure 2b).
    private func inception(_ channels: Inception) -> Concatenate {
      let (single, (reduced3, triple), (reduced5, quintuple), pooled) = channels
      return Concatenate {
        unit(single, 1).named("branch1")
        Sequential(naming: .byIndex) {
          unit(reduced3, 1)
          unit(triple, 3)
        }.named("branch2")
        Sequential(naming: .byIndex) {
          unit(reduced5, 1)
          unit(quintuple, self == .paper ? 5 : 3)
        }.named("branch3")
        Sequential(naming: .byIndex) {
          MaxPool2D(3, strides: 1, padding: .same)
          unit(pooled, 1)
        }.named("branch4")
      }
    }

    private func auxiliary(_ classes: Int) -> Auxiliary {
      Auxiliary(weight: 0.3) {
        AdaptiveAveragePool2D(4).named("pool")  // 4×4×512
        unit(128, 1).named("conv")  // 4×4×128
        Flatten().named("flatten")  // 2048
        Dense(1024, activation: .relu, initializer: .heNormal).named("fc1")  // 1024
        Dropout(0.7).named("dropout")
        Dense(classes).named("fc2")  // 1000
      }
    }

    /// A convolution and ReLU, with batch normalization between them or without.
    private func unit(_ channels: Int, _ kernel: Int, stride: Int = 1) -> Sequential {
      Sequential {
        switch self {
        case .paper:
          Conv2D(
            channels, .init(kernel), strides: .init(stride), padding: .same, activation: .relu,
            initializer: .heNormal
          ).named("conv")
        case .batchNormalized:
          Conv2D(
            channels, .init(kernel), strides: .init(stride), padding: .same, bias: false,
            initializer: .heNormal
          ).named("conv")
          BatchNorm(epsilon: 1e-3, activation: .relu).named("bn")
        }
      }
    }
  }
}
