import Networks
import Tensors

extension Models {
  /// A denoising autoencoder: convolutions down to a vector of numbers, the code, and back to the image.
  ///
  /// P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol: *Extracting and Composing Robust Features with
  /// Denoising Autoencoders*. ICML 2008. G. E. Hinton, R. R. Salakhutdinov: *Reducing the Dimensionality of
  /// Data with Neural Networks*. Science 313, 2006, has the deep encoder and decoder around a code.
  ///
  /// Input and output H × W × colors, samples 0…1 (the output may leave them a little). The layer `encoder.code` makes the code.
  ///
  /// Departures: convolutions with strides in place of dense layers (Masci et al. 2011), sub-pixel convolutions
  /// (Shi et al. 2016, arXiv 1609.05158) on the way back.
  ///
  /// - Parameters:
  ///   - size: height and width, a multiple of 4, from 8.
  ///   - colors: 1 gray, 3 RGB.
  ///   - code: numbers of the code.
  ///   - channels: of the first convolution; twice as many after each halving.
  public static func autoencoder(
    size: Int, colors: Int, code: Int = 64, channels: Int = 32
  ) throws(NetworkError) -> Network {
    guard (8...512).contains(size), size % 4 == 0, [1, 3].contains(colors),
      (1...65_536).contains(code), (1...1024).contains(channels)
    else {
      throw .network(
        "an autoencoder of \(size) pixels, \(colors) colors, a code of \(code) and \(channels) channels: "
          + "expected a multiple of 4 from 8 to 512, 1 or 3, and 1 or more")
    }
    // Halved to 7 or 8 where that can be.
    var halvings = 2
    while size % (1 << (halvings + 1)) == 0, size >> (halvings + 1) >= 7, halvings < 5 {
      halvings += 1
    }
    let (small, widest) = (size >> halvings, channels << min(halvings, 2))
    func width(_ stage: Int) -> Int { channels << min(stage, 2) }
    return Network(input: [size, size, colors]) {
      Sequential {
        Conv2D(channels, 3, padding: .same, activation: .relu, initializer: .heNormal)
          .named("conv0")
        for stage in 1...halvings {
          Conv2D(
            width(stage), 3, strides: 2, padding: .same, activation: .relu,
            initializer: .heNormal
          ).named("conv\(stage)")
        }
        Flatten()
        Dense(code).named("code")
      }.named("encoder")
      Sequential {
        Dense(small * small * widest, activation: .relu, initializer: .heNormal).named("dense")
        Reshape([small, small, widest])
        for stage in (0..<halvings).reversed() {
          Conv2D(
            4 * width(stage), 3, padding: .same, activation: .relu, initializer: .heNormal
          ).named("conv\(stage + 1)")
          PixelShuffle(2)
        }
        Conv2D(colors, 3, padding: .same, initializer: .normal(std: 0.02)).named("conv0")
      }.named("decoder")
    }
  }

  /// The path of the layer of ``autoencoder(size:colors:code:channels:)`` that makes the code.
  public static let autoencoderCode = "encoder.code"
}
