import Networks
import Tensors

extension Models {
  /// A CNN that learns CIFAR-10 in a few passes: fixed whitening filters, then three stages of two
  /// convolutions with GELU and batch normalization.
  ///
  /// K. Jordan: *94% on CIFAR-10 in 3.29 Seconds on a Single GPU*. 2024, arXiv 2404.00498, §3.
  /// The trainer sets `whitening1.weight` from the data (see `Whitening`).
  ///
  /// Departures: wider second and third stages; He initialization instead of a partial identity;
  /// batch normalization's momentum and epsilon are the usual ones.
  ///
  /// - Parameter width: the channels of the first stage; the second has five, the third six times
  ///   as many.
  public static func whitenedCNN(
    classes: Int = 10, input: Shape = [32, 32, 3], width: Int = 64
  ) -> Network {
    func stage(_ channels: Int) -> Sequential {
      Sequential {
        Conv2D(channels, 3, padding: .same, bias: false, initializer: .heNormal)
        MaxPool2D(2)
        BatchNorm(scales: false, activation: .gelu)
        Conv2D(channels, 3, padding: .same, bias: false, initializer: .heNormal)
        BatchNorm(scales: false, activation: .gelu)
      }
    }
    return Network(input: input) {
      Whitening(2)  // 31×31×24
      ActivationLayer(.gelu)  // 31×31×24
      stage(width).named("stage1")  // 15×15×64
      stage(5 * width).named("stage2")  // 7×7×320
      stage(6 * width).named("stage3")  // 3×3×384
      GlobalMaxPool()  // 384
      Dense(classes, bias: false)  // 10
      Rescaling(1 / 9)  // 10
    }
  }
}
