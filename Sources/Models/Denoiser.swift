import Networks
import Tensors

extension Models {
  /// A network that removes noise, or what compression left, of a level that it is told: convolutions at half
  /// the resolution.
  ///
  /// K. Zhang, W. Zuo, L. Zhang: *FFDNet: Toward a Fast and Flexible Solution for CNN-Based Image Denoising*.
  /// 2018, arXiv 1710.04026, §III: pixels become channels, the level is a plane beside them, then convolutions
  /// and ReLU, then channels become pixels. The residual blocks are those of B. Lim et al.: *Enhanced Deep
  /// Residual Networks for Single Image Super-Resolution*. 2017, arXiv 1707.02921, §3.1: as many convolutions
  /// in a row hardly begin to learn without batch normalization.
  ///
  /// Input H × W × (colors + 1), H and W even: samples 0…1 and the level, such as the standard deviation of the
  /// noise in the same unit; output H × W × colors.
  ///
  /// Departures: what the network makes is added to the noisy image, so that training starts at that; the level
  /// goes through the rearrangement, too, and takes four channels.
  ///
  /// - Parameters:
  ///   - colors: 1 gray, 3 RGB.
  ///   - blocks: residual blocks, two convolutions each; 5 make the paper's 12 convolutions for colors.
  ///   - size: height and width of the input.
  public static func denoiser(
    colors: Int, channels: Int = 64, blocks: Int = 5, size: Int = 64
  ) throws(NetworkError) -> Network {
    guard [1, 3].contains(colors), blocks >= 0, size % 2 == 0 else {
      throw .network(
        "a denoiser of \(colors) colors, \(blocks) blocks and \(size) pixels: expected 1 or 3, "
          + "0 or more, and an even number")
    }
    return Network(input: [size, size, colors + 1]) {
      Residual {
        PixelUnshuffle(2)
        Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
          .named("head")
        for block in 0..<blocks {
          Residual {
            Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
            Conv2D(channels, 3, padding: .same, initializer: .normal(std: 0.02))
          }.named("block\(block + 1)")
        }
        Conv2D(4 * colors, 3, padding: .same, initializer: .normal(std: 0.001))
          .named("tail")
        PixelShuffle(2)
      } shortcut: {
        FirstChannels(colors)
      }.named("denoiser")
    }
  }

  /// How far a result of ``denoiser(colors:channels:blocks:size:)`` sees, in pixels to each side.
  public static func denoiserReach(blocks: Int) -> Int { 4 * blocks + 6 }
}
