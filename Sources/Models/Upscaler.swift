import Networks
import Tensors

extension Models {
  /// A network that enlarges images: residual blocks of 3 × 3 convolutions at the small size, then
  /// sub-pixel rearrangement; what it makes is added to the bicubic enlargement.
  ///
  /// W. Shi et al.: *Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
  /// Convolutional Neural Network* (ESPCN). 2016, arXiv 1609.05158; the blocks are those of B. Lim et al.:
  /// *Enhanced Deep Residual Networks for Single Image Super-Resolution* (EDSR). 2017, arXiv 1707.02921, §3.1.
  ///
  /// Input H × W × 4: luma, two planes of chroma, and how clean the image is; output scale·H × scale·W × 3.
  ///
  /// Departures: EDSR adds nothing to an interpolated image; the last convolution begins near zero, so that
  /// training starts at the bicubic image.
  ///
  /// - Parameters:
  ///   - blocks: residual blocks, two convolutions each.
  ///   - size: height and width of the input.
  public static func upscaler(
    scale: Int, channels: Int = 48, blocks: Int = 4, size: Int = 64
  ) throws(NetworkError) -> Network {
    guard (2...4).contains(scale) else {
      throw .network("an upscaler of scale \(scale): expected 2, 3 or 4")
    }
    return Network(input: [size, size, 4]) {
      Residual {
        Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
          .named("head")
        for block in 1...max(1, blocks) {
          Residual {
            Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
            Conv2D(channels, 3, padding: .same, initializer: .normal(std: 0.02))
          }.named("block\(block)")
        }
        Conv2D(3 * scale * scale, 3, padding: .same, initializer: .normal(std: 0.001))
          .named("tail")
        PixelShuffle(scale)
      } shortcut: {
        FirstChannels(3)
        BicubicUpsample2D(scale)
      }.named("upscaler")
    }
  }

  /// How far a result of ``upscaler(scale:channels:blocks:size:)`` sees, in pixels of the input to each
  /// side.
  public static func upscalerReach(blocks: Int) -> Int { 2 + 2 * blocks }
}
