import Networks
import Tensors

extension Models {
  /// Xception: separable convolutions with residual sums around them.
  ///
  /// F. Chollet: *Xception: Deep Learning with Depthwise Separable Convolutions*. 2016, arXiv 1610.02357,
  /// figure 5. Layers are named as Keras's, whose padding (TensorFlow's `SAME`) it has.
  ///
  /// Departure: images of less than 96 pixels keep their size in the first convolution.
  public static func xception(classes: Int = 1000, input: Shape = [299, 299, 3]) -> Network {
    let isSmall = input.rank == 3 && min(input[0], input[1]) < 96
    return Network(input: input) {
      Conv2D(
        32, 3, strides: isSmall ? 1 : 2, bias: false, initializer: .heNormal
      ).named("block1_conv1")  // 149×149×32
      norm(.relu).named("block1_conv1_bn")
      Conv2D(64, 3, bias: false, initializer: .heNormal).named("block1_conv2")  // 147×147×64
      norm(.relu).named("block1_conv2_bn")
      entry("block2", 128, 128, beginsWithReLU: false)  // 74×74×128
      entry("block3", 256, 256)  // 37×37×256
      entry("block4", 728, 728)  // 19×19×728
      for block in 5...12 { middle("block\(block)", 728) }  // 19×19×728
      entry("block13", 728, 1024)  // 10×10×1024
      separable(1536).named("block14_sepconv1")  // 10×10×1536
      norm(.relu).named("block14_sepconv1_bn")
      separable(2048).named("block14_sepconv2")  // 10×10×2048
      norm(.relu).named("block14_sepconv2_bn")
      GlobalAveragePool().named("avg_pool")  // 2048
      Dense(classes).named("predictions")  // 1000
    }
  }

  /// Two separable convolutions and a pooling of stride 2, beside a 1 × 1 convolution of stride 2.
  private static func entry(
    _ name: String, _ first: Int, _ second: Int, beginsWithReLU: Bool = true
  ) -> NamedLayer {
    Residual {
      if beginsWithReLU { ActivationLayer(.relu).named("\(name)_sepconv1_act") }
      separable(first).named("\(name)_sepconv1")
      norm(.relu).named("\(name)_sepconv1_bn")
      separable(second).named("\(name)_sepconv2")
      norm().named("\(name)_sepconv2_bn")
      MaxPool2D(3, strides: 2, padding: .sameTensorFlow).named("\(name)_pool")
    } shortcut: {
      Conv2D(
        second, 1, strides: 2, padding: .sameTensorFlow, bias: false, initializer: .heNormal)
      norm()
    }.named(name)
  }

  /// Three separable convolutions of one width.
  private static func middle(_ name: String, _ channels: Int) -> NamedLayer {
    Residual {
      for index in 1...3 {
        ActivationLayer(.relu).named("\(name)_sepconv\(index)_act")
        separable(channels).named("\(name)_sepconv\(index)")
        norm().named("\(name)_sepconv\(index)_bn")
      }
    }.named(name)
  }

  /// A depthwise 3 × 3 convolution, then a 1 × 1 convolution, nothing in between (§3).
  private static func separable(_ channels: Int) -> SeparableConv2D {
    SeparableConv2D(channels, 3, padding: .same, bias: false, initializer: .heNormal)
  }

  private static func norm(_ activation: Activation = .linear) -> BatchNorm {
    BatchNorm(momentum: 0.01, epsilon: 1e-3, activation: activation)
  }
}
