import Networks
import Tensors

extension Models {
  /// A discriminator that judges parts of an image: convolutions, whose last maps say of each part of 28 × 28
  /// pixels whether it is real.
  ///
  /// P. Isola et al.: *Image-to-Image Translation with Conditional Adversarial Networks*. 2017, arXiv 1611.07004,
  /// §3.2.2. Departures: the first convolution has no stride, so that it sees every pixel alike, and two have one; no
  /// batch normalization: batches are small.
  ///
  /// Input size × size × colors; output logits size/4 × size/4 × 1.
  ///
  /// - Parameter size: height and width, a multiple of 4.
  public static func patchDiscriminator(
    size: Int, colors: Int = 3, channels: Int = 32
  ) throws(NetworkError) -> Network {
    guard size >= 8, size % 4 == 0, colors > 0, (1...1024).contains(channels) else {
      throw .network(
        "a discriminator of \(size) pixels, \(colors) colors and \(channels) channels: expected a "
          + "multiple of 4, and 1 or more")
    }
    let leaky = Activation.leakyReLU(slope: 0.2)
    return Network(input: [size, size, colors]) {
      Conv2D(channels, 3, padding: .same, activation: leaky, initializer: .heNormal)
      Conv2D(
        2 * channels, 4, strides: 2, padding: .explicit(1), activation: leaky,
        initializer: .heNormal)
      Conv2D(
        4 * channels, 4, strides: 2, padding: .explicit(1), activation: leaky,
        initializer: .heNormal)
      Conv2D(4 * channels, 3, padding: .same, activation: leaky, initializer: .heNormal)
      Conv2D(1, 3, padding: .same, initializer: .normal(std: 0.02))
    }
  }
}
