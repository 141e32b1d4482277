import Networks
import Tensors

extension Models {
  /// EfficientNet-B0: MobileNetV2's blocks with squeeze and excitation and swish.
  ///
  /// M. Tan, Q. Le: *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks*. 2019, arXiv
  /// 1905.11946, table 1. Parameters are named as torchvision's, whose rates of stochastic depth
  /// (0.2 · i / 16 for block i) and dropout it has.
  ///
  /// Departure: images of less than 96 pixels are halved twice less (the first convolution and the third
  /// stage keep the size).
  public static func efficientNetB0(
    classes: Int = 1000, input: Shape = [224, 224, 3]
  ) -> Network {
    let isSmall = input.rank == 3 && min(input[0], input[1]) < 96
    let halving = isSmall ? 1 : 2
    // Expansion, kernel, stride of the first block, channels before and after, blocks.
    let stages = [
      (1, 3, 1, 32, 16, 1),  // 112×112×16
      (6, 3, 2, 16, 24, 2),  // 56×56×24
      (6, 5, halving, 24, 40, 2),  // 28×28×40
      (6, 3, 2, 40, 80, 3),  // 14×14×80
      (6, 5, 1, 80, 112, 3),  // 14×14×112
      (6, 5, 2, 112, 192, 4),  // 7×7×192
      (6, 3, 1, 192, 320, 1),  // 7×7×320
    ]
    var block = 0
    return Network(input: input) {
      Sequential(naming: .byIndex) {
        unit(32, 3, stride: halving)  // 112×112×32
        for (expansion, kernel, stride, before, after, blocks) in stages {
          Sequential(naming: .byIndex) {
            for index in 0..<blocks {
              inverted(
                index == 0 ? before : after, after, expansion: expansion, kernel: kernel,
                stride: index == 0 ? stride : 1, depthRate: 0.2 * Float(next(&block)) / 16)
            }
          }
        }
        unit(1280, 1)  // 7×7×1280
      }.named("features")
      GlobalAveragePool().named("avgpool")  // 1280
      Sequential(naming: .byIndex) {
        Dropout(0.2)  // 1280
        Dense(classes)  // 1000
      }.named("classifier")
    }
  }

  private static func next(_ counter: inout Int) -> Int {
    defer { counter += 1 }
    return counter
  }

  /// MBConv: wider by 1 × 1, depthwise, squeeze and excitation, thinner by 1 × 1 (Sandler et al. 2018).
  private static func inverted(
    _ input: Int, _ output: Int, expansion: Int, kernel: Int, stride: Int, depthRate: Float
  ) -> any Layer {
    let body = Sequential(naming: .byIndex) {
      if expansion != 1 { unit(input * expansion, 1) }
      unit(input * expansion, kernel, stride: stride, groups: input * expansion)
      SqueezeExcitation(max(1, input / 4))
      Sequential(naming: .byIndex) {
        Conv2D(output, 1, bias: false, initializer: .heNormal)
        BatchNorm()
      }
    }.named("block")
    guard stride == 1, input == output else { return Sequential { body } }
    return Residual {
      body
      StochasticDepth(depthRate).named("stochastic_depth")
    }
  }

  private static func unit(
    _ channels: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Sequential {
    convolutionUnit(channels, kernel, stride: stride, groups: groups, activation: .swish)
  }
}
