import Networks
import Tensors

extension Models {
  /// A small residual network for digits, drawings and clothes of about 28 × 28 pixels, made to
  /// learn them in minutes on a processor: three stages, each a convolution and a residual pair.
  ///
  /// The residual pair: K. He et al., 2015, arXiv 1512.03385. The plan (convolution, pooling, pair)
  /// follows D. Page: *How to Train Your ResNet*. 2018.
  ///
  /// - Parameter width: the channels of the first stage; the second and third have two and four
  ///   times as many.
  public static func compactResNet(
    classes: Int = 10, input: Shape = [28, 28, 1], width: Int = 32
  ) -> Network {
    Network(input: input) {
      unit(width)  // 28×28×32
      pair(width)  // 28×28×32
      MaxPool2D(2)  // 14×14×32
      unit(2 * width)  // 14×14×64
      pair(2 * width)  // 14×14×64
      MaxPool2D(2)  // 7×7×64
      unit(4 * width)  // 7×7×128
      pair(4 * width)  // 7×7×128
      GlobalMaxPool()  // 128
      Dropout(0.2)  // 128
      Dense(classes)  // 10
    }
  }

  private static func unit(_ channels: Int) -> Sequential {
    Sequential {
      Conv2D(channels, 3, padding: .same, bias: false, initializer: .heNormal)
      BatchNorm(activation: .relu)
    }
  }

  private static func pair(_ channels: Int) -> Residual {
    Residual {
      unit(channels)
      unit(channels)
    }
  }
}
