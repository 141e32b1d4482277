import Tensors

/// Filters that make small patches of images white: of variance one in every direction and without
/// correlation between the directions.
///
/// The eigenvectors of the patches' covariance, each divided by the root of its eigenvalue, and their
/// negatives (so that a rectifier keeps both signs). A first layer of these is not trained. From
/// tysam-code's hlb-CIFAR10 (2023) as kept by Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a
/// Single GPU", arXiv 2404.00498, section 3.2.
package enum PatchWhitening {
  /// - Parameters:
  ///   - images: N × C × H × W, as the network gets them.
  ///   - shape: these four numbers; H and W at least `window`.
  ///   - window: side of a patch.
  ///   - epsilon: added to the eigenvalues, so that directions without variance are not blown up.
  /// - Returns: 2 · C · window² filters × C × window × window, those of the largest eigenvalues first.
  package static func filters(
    images: UnsafeBufferPointer<Float>, shape: Shape, window: Int, epsilon: Double = 5e-4
  ) -> Tensor {
    let channels = shape[1]
    let size = channels * window * window
    let eigen = SymmetricEigen(
      covariance(images: images, shape: shape, window: window), size: size)
    let scaled = zip(eigen.vectors, eigen.values).map { vector, value in
      vector.map { Float($0 / (max(value, 0) + epsilon).squareRoot()) }
    }
    let filters = scaled.flatMap { $0 }
    return Tensor([2 * size, channels, window, window], filters + filters.map { -$0 })
  }

  /// The mean of p pᵀ over all patches p (each C × window × window, flattened): the mean of the
  /// images is taken as zero, as they come normalized.
  package static func covariance(
    images: UnsafeBufferPointer<Float>, shape: Shape, window: Int
  ) -> [Double] {
    let (count, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    let (rows, columns) = (height - window + 1, width - window + 1)
    // Where the elements of a patch lie, seen from its first.
    let offsets = (0..<(channels * window * window)).map { index in
      let (channel, rest) = index.quotientAndRemainder(dividingBy: window * window)
      return (channel * height + rest / window) * width + rest % window
    }
    let size = offsets.count
    var sums = Array(repeating: 0.0, count: size * size)
    for image in 0..<count {
      for row in 0..<rows {
        let start = image * channels * height * width + row * width
        for i in 0..<size {
          for j in 0...i {
            // The sum over a row of at most some thousand products fits a Float.
            var sum: Float = 0
            for x in 0..<columns {
              sum += images[start + x + offsets[i]] * images[start + x + offsets[j]]
            }
            sums[i * size + j] += Double(sum)
          }
        }
      }
    }
    let patches = Double(count * rows * columns)
    return (0..<(size * size)).map { index in
      let (i, j) = index.quotientAndRemainder(dividingBy: size)
      return sums[max(i, j) * size + min(i, j)] / patches
    }
  }
}
