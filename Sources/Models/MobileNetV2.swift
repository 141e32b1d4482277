import Networks
import Tensors

extension Models {
  /// MobileNetV2: depthwise convolutions between thin layers, residual sums between those.
  ///
  /// M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen: *MobileNetV2: Inverted Residuals and
  /// Linear Bottlenecks*. 2018, arXiv 1801.04381, table 2. Parameters are named as torchvision's.
  ///
  /// Departures: dropout of 0.2 before the last layer, as in torchvision; images of less than 96
  /// pixels are halved twice only (the first convolution and the second stage keep the size).
  public static func mobileNetV2(classes: Int = 1000, input: Shape = [224, 224, 3]) -> Network {
    let isSmall = input.rank == 3 && min(input[0], input[1]) < 96
    let halving = isSmall ? 1 : 2
    // Expansion, channels, blocks, stride of the first one; shapes for 224 × 224 × 3.
    let stages = [
      (1, 16, 1, 1),  // 112×112×16
      (6, 24, 2, halving),  // 56×56×24
      (6, 32, 3, halving),  // 28×28×32
      (6, 64, 4, 2),  // 14×14×64
      (6, 96, 3, 1),  // 14×14×96
      (6, 160, 3, 2),  // 7×7×160
      (6, 320, 1, 1),  // 7×7×320
    ]
    return Network(input: input) {
      Sequential(naming: .byIndex) {
        unit(32, 3, stride: halving)  // 112×112×32
        invertedResiduals(stages, after: 32)  // 7×7×320
        unit(1280, 1)  // 7×7×1280
      }.named("features")
      GlobalAveragePool().named("avgpool")  // 1280
      Sequential(naming: .byIndex) {
        Dropout(0.2)  // 1280
        Dense(classes)  // 1000
      }.named("classifier")
    }
  }

  private static func invertedResiduals(
    _ stages: [(expansion: Int, channels: Int, blocks: Int, stride: Int)], after channels: Int
  ) -> [any Layer] {
    var layers: [any Layer] = []
    var channels = channels
    for stage in stages {
      for index in 0..<stage.blocks {
        layers.append(
          invertedResidual(
            channels, stage.channels, expansion: stage.expansion,
            stride: index == 0 ? stage.stride : 1))
        channels = stage.channels
      }
    }
    return layers
  }

  /// Wider by 1 × 1, a depthwise 3 × 3, thinner by 1 × 1 without an activation (figure 3b).
  private static func invertedResidual(
    _ input: Int, _ output: Int, expansion: Int, stride: Int
  ) -> any Layer {
    let body = Sequential(naming: .byIndex) {
      if expansion != 1 { unit(input * expansion, 1) }
      unit(input * expansion, 3, stride: stride, groups: input * expansion)
      Conv2D(output, 1, bias: false, initializer: .heNormal)
      BatchNorm()
    }.named("conv")
    return stride == 1 && input == output ? Residual { body } : Sequential { body }
  }

  private static func unit(
    _ channels: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Sequential {
    convolutionUnit(channels, kernel, stride: stride, groups: groups, activation: .relu6)
  }
}
