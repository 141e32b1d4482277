import Networks
import Tensors

extension Models {
  /// The pair of networks of a deep convolutional generative adversarial network.
  ///
  /// A. Radford, L. Metz, S. Chintala: *Unsupervised Representation Learning with Deep
  /// Convolutional Generative Adversarial Networks*. 2015, arXiv 1511.06434, §3 and figure 1.
  /// Parameters are named as in PyTorch's DCGAN example; all weights begin as N(0, 0.02).
  ///
  /// Departures: the latent is projected by a transposed convolution from 1 × 1, as in PyTorch's
  /// example (the same numbers as a dense layer); batch normalization's scales begin at 1; 32 and
  /// 128 pixels have one stage less and one more.
  public struct DCGAN: Sendable {
    /// The side of the images: 32, 64 or 128.
    public let size: Int
    /// The channels of the images.
    public let channels: Int
    /// The channels of the widest maps, f in "8f".
    public let width: Int
    /// How many numbers an image is made of.
    public let latent: Int

    /// Whether the discriminator normalizes over the batch, as in the paper. A gradient penalty
    /// needs one that sees each image on its own; its convolutions then have biases.
    public let normalizesDiscriminator: Bool

    /// The pair for images of a size.
    ///
    /// - Throws: where the size is none of 32, 64 and 128.
    public init(
      size: Int = 64, channels: Int = 3, width: Int = 64, latent: Int = 100,
      normalizesDiscriminator: Bool = true
    ) throws(NetworkError) {
      guard [32, 64, 128].contains(size) else {
        throw .network("a DCGAN of \(size) pixels: expected 32, 64 or 128")
      }
      for (name, value) in [("channels", channels), ("width", width), ("latent", latent)] {
        guard (1...(1 << 16)).contains(value) else {
          throw .network("a DCGAN of \(name) \(value): expected 1…65536")
        }
      }
      self.size = size
      self.channels = channels
      self.width = width
      self.latent = latent
      self.normalizesDiscriminator = normalizesDiscriminator
    }

    /// The multiples of `width` from the 4 × 4 maps to the last before the image.
    private var multiples: [Int] {
      switch size {
      case 32: [4, 2, 1]
      case 64: [8, 4, 2, 1]
      default: [16, 8, 4, 2, 1]
      }
    }

    /// Latent numbers, N(0, 1), to images in −1…1. Shapes in comments: 64 pixels, width 64.
    public var generator: Network {
      Network(input: [latent]) {
        Reshape([1, 1, latent]).named("project")  // 1×1×100
        Sequential(naming: .byIndex) {
          for (index, multiple) in multiples.enumerated() {
            // 4×4×512, 8×8×256, 16×16×128, 32×32×64
            Conv2DTranspose(
              multiple * width, 4, strides: index == 0 ? 1 : 2,
              padding: index == 0 ? .valid : .explicit(1), bias: false, initializer: gaussian)
            BatchNorm()
            ActivationLayer(.relu)
          }
          Conv2DTranspose(
            channels, 4, strides: 2, padding: .explicit(1), bias: false, initializer: gaussian
          )  // 64×64×3
          ActivationLayer(.tanh)  // 64×64×3
        }.named("main")
      }
    }

    /// Images in −1…1 to one logit, positive for "real".
    public var discriminator: Network {
      Network(input: [size, size, channels]) {
        Sequential(naming: .byIndex) {
          for (index, multiple) in multiples.reversed().enumerated() {
            // 32×32×64, 16×16×128, 8×8×256, 4×4×512
            Conv2D(
              multiple * width, 4, strides: 2, padding: .explicit(1),
              bias: !normalizesDiscriminator,
              initializer: gaussian)
            if index > 0, normalizesDiscriminator { BatchNorm() }
            ActivationLayer(.leakyReLU(slope: 0.2))
          }
          Conv2D(1, 4, bias: false, initializer: gaussian)  // 1×1×1
        }.named("main")
        Flatten()  // 1
      }
    }

    private var gaussian: Initializer { .normal(std: 0.02) }
  }
}
