import Networks
import Tensors

extension Models {
  /// A network that removes noise of a level that it is told: convolutions at half the resolution.
  ///
  /// K. Zhang, W. Zuo, L. Zhang: *FFDNet: Toward a Fast and Flexible Solution for CNN-Based Image Denoising*.
  /// 2018, arXiv 1710.04026, §III: pixels become channels, the noise level is a plane beside them, then
  /// convolutions and ReLU, then channels become pixels.
  ///
  /// Input H × W × (colors + 1), H and W even: samples 0…1 and the standard deviation of the noise in the same
  /// unit; output H × W × colors.
  ///
  /// Departures: what the network makes is added to the noisy image, so that training starts at that; there is
  /// no batch normalization; the noise level goes through the rearrangement, too, and takes four channels.
  ///
  /// - Parameters:
  ///   - colors: 1 gray, 3 RGB.
  ///   - depth: convolutions: 12 in the paper for colors, 15 for gray.
  ///   - size: height and width of the input.
  public static func denoiser(
    colors: Int, channels: Int = 64, depth: Int = 12, size: Int = 64
  ) throws(NetworkError) -> Network {
    guard [1, 3].contains(colors), depth >= 2, size % 2 == 0 else {
      throw .network(
        "a denoiser of \(colors) colors, \(depth) convolutions and \(size) pixels: expected 1 or 3, "
          + "2 or more, and an even number")
    }
    return Network(input: [size, size, colors + 1]) {
      Residual {
        PixelUnshuffle(2)
        for number in 1..<depth {
          Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
            .named("conv\(number)")
        }
        Conv2D(4 * colors, 3, padding: .same, initializer: .normal(std: 0.001))
          .named("conv\(depth)")
        PixelShuffle(2)
      } shortcut: {
        FirstChannels(colors)
      }.named("denoiser")
    }
  }

  /// How far a result of ``denoiser(colors:channels:depth:size:)`` sees, in pixels to each side.
  public static func denoiserReach(depth: Int) -> Int { 2 * depth + 2 }
}
