import Networks
import Tensors

extension Models {
  /// The class of each pixel: a contracting path, an expanding one, and between them the details of every
  /// level.
  ///
  /// O. Ronneberger, P. Fischer, T. Brox: *U-Net: Convolutional Networks for Biomedical Image Segmentation*.
  /// 2015, arXiv 1505.04597, Figure 1 and §2: convolutions without padding, so that the result is 92 pixels
  /// smaller at each edge (572 × 572 make 388 × 388); 31,030,658 parameters for gray images and two classes.
  ///
  /// Input H × W × C; H and W are 16 · n + 12. Output: logits, (H − 184) × (W − 184) × classes.
  ///
  /// - Parameter channels: of the first level; each further one has twice as many.
  public static func unet(
    classes: Int = 2, input: Shape = [572, 572, 1], channels: Int = 64
  ) -> Network {
    Network(input: input) {
      level(1, of: 5, channels: channels) { channels, level in
        Sequential {
          Conv2D(channels, 3, activation: .relu, initializer: .heNormal)
          Conv2D(channels, 3, activation: .relu, initializer: .heNormal)
          // "At the end of the contracting path" (§3.1), where the authors' network has two.
          if level >= 4 { Dropout(0.5) }
        }
      }
      Conv2D(classes, 1, initializer: .heNormal).named("head")
    }
  }

  /// Pixels that ``unet(classes:input:channels:)`` takes off each edge.
  public static let unetMargin = 92

  /// A small U-Net: of a quarter of the channels, with batch normalization, and padding that keeps the size.
  ///
  /// Input H × W × C, multiples of 16; output: logits, H × W × classes. 1,942,747 parameters for RGB and eleven
  /// classes.
  public static func unetSmall(
    classes: Int = 2, input: Shape = [256, 256, 3], channels: Int = 16
  ) -> Network {
    Network(input: input) {
      level(1, of: 5, channels: channels) { channels, _ in normalizedPair(channels) }
      Conv2D(classes, 1, initializer: .heNormal).named("head")
    }
  }

  /// ``unetSmall(classes:input:channels:)`` at half the resolution: four pixels become channels of one before
  /// it, and channels four pixels behind it (sub-pixel convolution; W. Shi et al. 2016, arXiv 1609.05158), so
  /// that it sees twice as far at a fourth of the cost.
  ///
  /// Input H × W × C, multiples of 32; output: logits, H × W × classes.
  public static func unetHalf(
    classes: Int = 2, input: Shape = [256, 256, 3], channels: Int = 16
  ) -> Network {
    Network(input: input) {
      PixelUnshuffle(2)
      level(1, of: 5, channels: channels) { channels, _ in normalizedPair(channels) }
      Conv2D(4 * classes, 1, initializer: .heNormal).named("head")
      PixelShuffle(2)
    }
  }

  /// A level and those below it, named `encoder`, `inner` and `decoder`.
  private static func level(
    _ level: Int, of levels: Int, channels: Int,
    _ pair: (_ channels: Int, _ level: Int) -> Sequential
  ) -> [NamedLayer] {
    let encoder = pair(channels, level).named("encoder")
    guard level < levels else { return [encoder] }
    let inner = SkipConnection {
      MaxPool2D(2)
      Self.level(level + 1, of: levels, channels: 2 * channels, pair)
      Conv2DTranspose(channels, 2, strides: 2, initializer: .heNormal).named("up")
    }
    return [encoder, inner.named("inner"), pair(channels, 0).named("decoder")]
  }

  /// Two convolutions, each with batch normalization and ReLU.
  private static func normalizedPair(_ channels: Int) -> Sequential {
    Sequential {
      for _ in 0..<2 {
        Conv2D(channels, 3, padding: .same, bias: false, initializer: .heNormal)
        BatchNorm(activation: .relu)
      }
    }
  }

  /// A network that gives each pixel a class, for images whose sides are `unit` · n + `rest`; others would be halved
  /// to what is no whole number.
  static func pixelEntry(
    _ name: String, summary: String, input: Shape, multiplesOf unit: Int, plus rest: Int = 0,
    make: @escaping @Sendable (_ classes: Int, _ input: Shape) -> Network
  ) -> Entry {
    Entry(name: name, summary: summary, input: input, classes: 2, classifiesPixels: true) {
      (classes, input) throws(NetworkError) in
      for side in input.dimensions.prefix(2) where side <= rest || side % unit != rest {
        throw .network(
          "images of \(input[0]) × \(input[1]) pixels: expected sides of \(unit) · n"
            + (rest > 0 ? " + \(rest)" : ""))
      }
      return make(classes, input)
    }
  }
}
