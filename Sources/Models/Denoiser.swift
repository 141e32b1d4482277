import Networks
import Tensors

extension Models {
  /// A network that removes noise, or what compression left, of a level that it is told: convolutions at half
  /// the resolution and, between them, at a quarter.
  ///
  /// K. Zhang, W. Zuo, L. Zhang: *FFDNet: Toward a Fast and Flexible Solution for CNN-Based Image Denoising*.
  /// 2018, arXiv 1710.04026, §III: pixels become channels, the level is a plane beside them, then convolutions
  /// and ReLU, then channels become pixels. K. Zhang et al.: *Plug-and-Play Image Restoration with Deep Denoiser
  /// Prior* (DRUNet). 2021, arXiv 2008.13751, §III: residual blocks at several resolutions, of more channels where
  /// there are fewer pixels, the way down and up by 2 × 2 convolutions, and what went down added to what comes up.
  ///
  /// Input H × W × (colors + 1), H and W multiples of four: samples 0…1 and the level, such as the standard
  /// deviation of the noise in the same unit; output H × W × colors.
  ///
  /// Departures: two resolutions; what the network makes is added to the noisy image, so that training starts at
  /// that; the level goes through the rearrangement, too, and takes four channels.
  ///
  /// - Parameters:
  ///   - colors: 1 gray, 3 RGB.
  ///   - channels: at half the resolution; twice as many at a quarter.
  ///   - blocks: residual blocks at a quarter of the resolution, two convolutions each; one more comes before
  ///     them and one behind them.
  ///   - size: height and width of the input.
  public static func denoiser(
    colors: Int, channels: Int = 64, blocks: Int = 2, size: Int = 64
  ) throws(NetworkError) -> Network {
    guard [1, 3].contains(colors), blocks >= 0, size % 4 == 0 else {
      throw .network(
        "a denoiser of \(colors) colors, \(blocks) blocks and \(size) pixels: expected 1 or 3, "
          + "0 or more, and a multiple of 4")
    }
    let innerChannels = 2 * channels
    return Network(input: [size, size, colors + 1]) {
      Residual {
        PixelUnshuffle(2)
        Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
          .named("head")
        residualBlock(channels).named("encoder")
        Residual {
          Conv2D(innerChannels, 2, strides: 2, initializer: .heNormal).named("down")
          for block in 0..<blocks { residualBlock(innerChannels).named("block\(block + 1)") }
          Conv2DTranspose(channels, 2, strides: 2, initializer: .normal(std: 0.02)).named("up")
        }.named("inner")
        residualBlock(channels).named("decoder")
        Conv2D(4 * colors, 3, padding: .same, initializer: .normal(std: 0.001))
          .named("tail")
        PixelShuffle(2)
      } shortcut: {
        FirstChannels(colors)
      }.named("denoiser")
    }
  }

  /// B. Lim et al.: *Enhanced Deep Residual Networks for Single Image Super-Resolution*. 2017, arXiv 1707.02921,
  /// §3.1: without batch normalization.
  private static func residualBlock(_ channels: Int) -> Residual {
    Residual {
      Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
      Conv2D(channels, 3, padding: .same, initializer: .normal(std: 0.02))
    }
  }

  /// How far a result of ``denoiser(colors:channels:blocks:size:)`` sees, in pixels to each side.
  ///
  /// Three convolutions on each side of the inner ones, of two pixels each, and those of four; the grids of four
  /// pixels and of two add what lies between a pixel and their borders.
  public static func denoiserReach(blocks: Int) -> Int { 8 * blocks + 15 }
}
