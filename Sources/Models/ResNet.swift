import Networks
import Tensors

extension Models {
  /// Residual networks.
  ///
  /// K. He, X. Zhang, S. Ren, J. Sun: *Deep Residual Learning for Image Recognition*. 2015, arXiv
  /// 1512.03385, table 1. Parameters are named as torchvision's.
  ///
  /// Departures: images of less than 96 pixels keep their size in the beginning (a 3 × 3
  /// convolution of stride 1, no pooling), as is usual for CIFAR; in bottlenecks the 3 × 3
  /// convolution strides, as in torchvision.
  public enum ResNet {
    /// Two basic blocks in each of four stages.
    case resNet18
    /// 3, 4, 6 and 3 basic blocks.
    case resNet34
    /// 3, 4, 6 and 3 bottlenecks.
    case resNet50
    /// 3, 4, 23 and 3 bottlenecks.
    case resNet101
    /// 3, 8, 36 and 3 bottlenecks.
    case resNet152

    /// What comes before the blocks.
    public enum Stem: Sendable {
      /// A 7 × 7 convolution and a pooling, each of stride 2.
      case conv7x7MaxPool
      /// A 3 × 3 convolution of stride 2.
      case conv3x3Stride2
      /// A 3 × 3 convolution.
      case conv3x3
    }

    /// The network for classes and an input size. Shapes in comments: ResNet-18, 224 × 224 × 3.
    ///
    /// - Parameters:
    ///   - width: the channels of the first stage; each other has twice those of the one before.
    ///   - stem: nil takes the one that suits the size.
    public func network(
      classes: Int = 1000, input: Shape = [224, 224, 3], width: Int = 64, stem: Stem? = nil
    ) -> Network {
      let isSmall = input.rank == 3 && min(input[0], input[1]) < 96
      let stem = stem ?? (isSmall ? .conv3x3 : .conv7x7MaxPool)
      return Network(input: input) {
        switch stem {
        case .conv3x3:
          convolution(width, 3).named("conv1")
          BatchNorm(activation: .relu).named("bn1")
        case .conv3x3Stride2:
          convolution(width, 3, stride: 2).named("conv1")
          BatchNorm(activation: .relu).named("bn1")
        case .conv7x7MaxPool:
          convolution(width, 7, stride: 2).named("conv1")  // 112×112×64
          BatchNorm(activation: .relu).named("bn1")  // 112×112×64
          MaxPool2D(3, strides: 2, padding: .explicit(1)).named("maxpool")  // 56×56×64
        }
        stage(width, blocks: blocks[0], stride: 1, first: true).named("layer1")  // 56×56×64
        stage(2 * width, blocks: blocks[1], stride: 2).named("layer2")  // 28×28×128
        stage(4 * width, blocks: blocks[2], stride: 2).named("layer3")  // 14×14×256
        stage(8 * width, blocks: blocks[3], stride: 2).named("layer4")  // 7×7×512
        GlobalAveragePool().named("avgpool")  // 512
        Dense(classes).named("fc")  // 1000
      }
    }

    /// The number of blocks in each stage.
    private var blocks: [Int] {
      switch self {
      case .resNet18: [2, 2, 2, 2]
      case .resNet34, .resNet50: [3, 4, 6, 3]
      case .resNet101: [3, 4, 23, 3]
      case .resNet152: [3, 8, 36, 3]
      }
    }

    /// Whether the blocks are bottlenecks.
    private var isDeep: Bool {
      switch self {
      case .resNet18, .resNet34: false
      case .resNet50, .resNet101, .resNet152: true
      }
    }

    /// Blocks of one width; the first of them changes size and channels.
    private func stage(_ width: Int, blocks: Int, stride: Int, first: Bool = false) -> Sequential {
      Sequential(naming: .byIndex) {
        for index in 0..<blocks {
          let stride = index == 0 ? stride : 1
          if isDeep {
            bottleneck(width, stride: stride, changes: index == 0)
          } else {
            Self.basicBlock(width, stride: stride, changes: index == 0 && !first)
          }
        }
      }
    }

    /// Two 3 × 3 convolutions (figure 5, left).
    static func basicBlock(_ width: Int, stride: Int, changes: Bool) -> Residual {
      Residual(activation: .relu) {
        convolution(width, 3, stride: stride).named("conv1")
        BatchNorm(activation: .relu).named("bn1")
        convolution(width, 3).named("conv2")
        BatchNorm().named("bn2")
      } shortcut: {
        if changes {
          convolution(width, 1, stride: stride)
          BatchNorm()
        }
      }
    }

    /// 1 × 1, 3 × 3 and 1 × 1 with four times the channels (figure 5, right).
    private func bottleneck(_ width: Int, stride: Int, changes: Bool) -> Residual {
      Residual(activation: .relu) {
        convolution(width, 1).named("conv1")
        BatchNorm(activation: .relu).named("bn1")
        convolution(width, 3, stride: stride).named("conv2")
        BatchNorm(activation: .relu).named("bn2")
        convolution(4 * width, 1).named("conv3")
        BatchNorm().named("bn3")
      } shortcut: {
        if changes {
          convolution(4 * width, 1, stride: stride)
          BatchNorm()
        }
      }
    }
  }

  /// ResNet-20 for CIFAR.
  ///
  /// K. He et al., 2015, §4.2, with the shortcuts of option A, which have no parameters. Parameters
  /// are named as in Y. Idelbayev's *Proper ResNet Implementation for CIFAR10/CIFAR100 in PyTorch*.
  public static func resNet20(classes: Int = 10, input: Shape = [32, 32, 3]) -> Network {
    func stage(_ width: Int, stride: Int) -> Sequential {
      Sequential(naming: .byIndex) {
        for index in 0..<3 {
          let stride = index == 0 ? stride : 1
          Residual(activation: .relu) {
            convolution(width, 3, stride: stride).named("conv1")
            BatchNorm(activation: .relu).named("bn1")
            convolution(width, 3).named("conv2")
            BatchNorm().named("bn2")
          } shortcut: {
            if stride > 1 { ZeroPaddedShortcut(width, stride: stride) }
          }
        }
      }
    }
    return Network(input: input) {
      convolution(16, 3).named("conv1")  // 32×32×16
      BatchNorm(activation: .relu).named("bn1")  // 32×32×16
      stage(16, stride: 1).named("layer1")  // 32×32×16
      stage(32, stride: 2).named("layer2")  // 16×16×32
      stage(64, stride: 2).named("layer3")  // 8×8×64
      GlobalAveragePool().named("avgpool")  // 64
      Dense(classes).named("linear")  // 10
    }
  }
}

/// A `same` convolution without bias (batch normalization follows), He-initialized.
private func convolution(_ channels: Int, _ kernel: Int, stride: Int = 1) -> Conv2D {
  Conv2D(
    channels, .init(kernel), strides: .init(stride), padding: .same, bias: false,
    initializer: .heNormal)
}
