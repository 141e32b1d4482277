import Networks
import Tensors

extension Models {
  /// A network that says how much noise a part of a gray image holds: two convolutions at the full size, two at
  /// halves of it, the mean of what they find, and two dense layers.
  ///
  /// Input size × size × 1, samples 0…1. Output: log(1 + σ/2), where σ is the noise's standard deviation in levels
  /// of 255, and the logarithm of how far that is off on average, so that parts full of detail weigh less (A.
  /// Kendall, Y. Gal: *What Uncertainties Do We Need in Bayesian Deep Learning for Computer Vision?* 2017, arXiv
  /// 1703.04977, §3.1).
  ///
  /// - Parameters:
  ///   - size: height and width.
  ///   - channels: of the first convolutions.
  public static func noiseEstimator(size: Int, channels: Int = 24) throws(NetworkError) -> Network {
    guard (24...512).contains(size), (1...1024).contains(channels) else {
      throw .network(
        "a noise estimator of \(size) pixels and \(channels) channels: expected 24 to 512, and 1 to 1024"
      )
    }
    return Network(input: [size, size, 1]) {
      Conv2D(channels, 3, activation: .relu, initializer: .heNormal)
      Conv2D(channels, 3, strides: 2, activation: .relu, initializer: .heNormal)
      Conv2D(2 * channels, 3, strides: 2, activation: .relu, initializer: .heNormal)
      Conv2D(2 * channels, 3, activation: .relu, initializer: .heNormal)
      GlobalAveragePool()
      Dense(2 * channels, activation: .relu, initializer: .heNormal)
      Dense(2, initializer: .normal(std: 0.02))
    }
  }
}
