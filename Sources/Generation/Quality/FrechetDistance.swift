import Tensors

/// The Fréchet distance between two sets of feature vectors, each taken as a normal distribution.
///
///     d² = ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2 (C₁^½ C₂ C₁^½)^½)
///
/// D. C. Dowson, B. V. Landau: *The Fréchet distance between multivariate normal distributions*.
/// 1982. M. Heusel et al. 2017 (arXiv 1706.08500) take it between images, on the features of an
/// Inception network ("FID"); on other features it has another scale, and only values on the same features
/// and of the same number of images compare.
public struct FrechetDistance: Sendable {
  private let mean: [Double]
  private let covariance: [Double]
  /// C₁^½.
  private let root: [Double]
  private let size: Int

  /// Distances from this set.
  public init(from moments: FeatureMoments) {
    size = moments.size
    mean = moments.mean
    covariance = moments.covariance
    let eigen = SymmetricEigen(covariance, size: size)
    let scales = eigen.values.map { max($0, 0).squareRoot() }
    var root = [Double](repeating: 0, count: size * size)
    for (vector, scale) in zip(eigen.vectors, scales) where scale > 0 {
      for row in 0..<size {
        let factor = scale * vector[row]
        for column in 0..<size { root[row * size + column] += factor * vector[column] }
      }
    }
    self.root = root
  }

  /// d² to another set of the same features; from 0.
  public func squared(to other: FeatureMoments) -> Double {
    precondition(other.size == size, "expected \(size) features, received \(other.size)")
    let otherMean = other.mean
    let otherCovariance = other.covariance
    var distance = 0.0
    for index in 0..<size {
      let difference = mean[index] - otherMean[index]
      distance += difference * difference
      distance += covariance[index * size + index] + otherCovariance[index * size + index]
    }
    let middle = Self.product(Self.product(root, otherCovariance, size), root, size)
    for value in SymmetricEigen(middle, size: size).values {
      distance -= 2 * max(value, 0).squareRoot()
    }
    return max(distance, 0)
  }

  private static func product(_ a: [Double], _ b: [Double], _ size: Int) -> [Double] {
    var result = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for inner in 0..<size {
        let factor = a[row * size + inner]
        for column in 0..<size {
          result[row * size + column] += factor * b[inner * size + column]
        }
      }
    }
    return result
  }
}
