import Images
import Tensors

/// The level of white noise in an image, without knowing the image.
///
/// G. Chen, F. Zhu, P. A. Heng: *An Efficient Statistical Method for Image Noise Level Estimation*. ICCV 2015:
/// patches of an image fill few dimensions, noise fills all of them alike. Of the eigenvalues of the patches'
/// covariance, the smallest whose mean is no larger than their median are noise.
///
/// Departure: structure that fills all dimensions is taken for noise, which counts where there is little noise;
/// where the smoothest third of the patches have little of it, they alone are looked at.
public enum NoiseEstimator {
  private static let side = 8
  /// Patches that are looked at.
  private static let mostPatches = 100_000
  /// Up to this level the smoothest patches say it.
  private static let smallSigma = 12.0
  /// Less than this is the grain of a clean image: 93 % of 124 photographs of three sets have less, and all
  /// of them with noise of 5 have more.
  private static let cleanSigma = 4.0

  /// The standard deviation of the noise in levels of 255: the mean over the colors; 0 for a clean image, and
  /// for one that is too small to tell.
  ///
  /// - Parameter image: 8 bits or 16; alpha is not looked at.
  public static func sigma(of image: Image) -> Double {
    let estimates = (0..<image.layout.colorChannels).compactMap { channel in
      sigma(of: patches(of: image, channel: channel))
    }
    guard !estimates.isEmpty else { return 0 }
    let mean = estimates.reduce(0, +) / Double(estimates.count)
    return mean < cleanSigma ? 0 : mean
  }

  private static func sigma(of patches: [[Float]]) -> Double? {
    guard patches.count >= 500 else { return nil }
    let variances = patches.map(variance)
    let order = variances.sorted()
    let limit = order[order.count * 3 / 10]
    let smooth = zip(patches, variances).filter { $1 <= limit }.map(\.0)
    let small = noise(of: smooth)
    return small < smallSigma ? small : noise(of: patches)
  }

  /// Patches at equal distances without clipped samples, which hold less noise; all, where few are left.
  private static func patches(of image: Image, channel: Int) -> [[Float]] {
    let (columns, rows) = (image.width - side + 1, image.height - side + 1)
    guard columns > 0, rows > 0 else { return [] }
    var step = 2
    while columns / step * (rows / step) > mostPatches { step += 1 }
    let layout = image.layout
    var (all, unclipped): ([[Float]], [[Float]]) = ([], [])
    image.withUnsafeBytes { bytes in
      func sample(_ x: Int, _ y: Int) -> Float {
        let place = (y * layout.width + x) * layout.channels + channel
        return layout.sample == .uint8
          ? Float(bytes[place])
          : Float(bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self)) / 257
      }
      for y in stride(from: 0, to: rows, by: step) {
        for x in stride(from: 0, to: columns, by: step) {
          var patch = [Float](repeating: 0, count: side * side)
          var isClipped = false
          for place in patch.indices {
            patch[place] = sample(x + place % side, y + place / side)
            if patch[place] <= 0 || patch[place] >= 255 { isClipped = true }
          }
          all.append(patch)
          if !isClipped { unclipped.append(patch) }
        }
      }
    }
    return unclipped.count >= 2000 ? unclipped : all
  }

  private static func variance(_ patch: [Float]) -> Float {
    let mean = patch.reduce(0, +) / Float(patch.count)
    return patch.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(patch.count)
  }

  /// The noise by the eigenvalues of the covariance of patches.
  private static func noise(of patches: [[Float]]) -> Double {
    let count = side * side
    var mean = [Double](repeating: 0, count: count)
    for patch in patches { for place in 0..<count { mean[place] += Double(patch[place]) } }
    for place in 0..<count { mean[place] /= Double(patches.count) }
    var covariance = [Double](repeating: 0, count: count * count)
    var centered = [Double](repeating: 0, count: count)
    for patch in patches {
      for place in 0..<count { centered[place] = Double(patch[place]) - mean[place] }
      for row in 0..<count {
        let factor = centered[row]
        for column in row..<count {
          covariance[row * count + column] += factor * centered[column]
        }
      }
    }
    for row in 0..<count {
      for column in row..<count {
        covariance[row * count + column] /= Double(patches.count)
        covariance[column * count + row] = covariance[row * count + column]
      }
    }
    let values = SymmetricEigen(covariance, size: count).values.sorted(by: >)
    for first in values.indices {
      let rest = values[first...]
      let mean = rest.reduce(0, +) / Double(rest.count)
      if mean <= rest[first + rest.count / 2] { return max(0, mean).squareRoot() }
    }
    return max(0, values.last ?? 0).squareRoot()
  }
}
