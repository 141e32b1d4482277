import Networks
import Tensors
import Testing

@Suite struct PatchWhiteningTests {
  /// A correlated picture: neighboring pixels and channels resemble each other.
  private func images(_ shape: Shape) -> Tensor {
    var random = RandomSource(seed: 3)
    return Tensor(shape) { values in
      random.fillNormal(values)
      for index in 1..<values.count { values[index] = 0.8 * values[index - 1] + values[index] }
    }
  }

  @Test(arguments: [(1, 2), (3, 2), (2, 3)])
  func filteredPatchesAreWhite(channels: Int, window: Int) {
    let shape: Shape = [20, channels, 16, 16]
    let images = images(shape)
    let size = channels * window * window
    let (filters, covariance) = images.withUnsafeBufferPointer { buffer in
      (
        PatchWhitening.filters(images: buffer, shape: shape, window: window, epsilon: 0),
        PatchWhitening.covariance(images: buffer, shape: shape, window: window)
      )
    }
    #expect(filters.shape == [2 * size, channels, window, window])
    // F C Fᵀ of the first half is the identity.
    for i in 0..<size {
      for j in 0..<size {
        var sum = 0.0
        for k in 0..<size {
          for l in 0..<size {
            sum +=
              Double(filters.scalars[i * size + k]) * covariance[k * size + l]
              * Double(filters.scalars[j * size + l])
          }
        }
        #expect(abs(sum - (i == j ? 1 : 0)) < 1e-4)
      }
    }
    // The second half is the first, negated.
    let half = size * size
    #expect(filters.scalars[..<half].elementsEqual(filters.scalars[half...].map { -$0 }))
  }

  /// One 1 × 2 × 2 picture with one 2 × 2 patch p: the covariance is p pᵀ.
  @Test func covarianceOfOnePatch() {
    let covariance = [1, 2, 3, 4].withUnsafeBufferPointer {
      PatchWhitening.covariance(images: $0, shape: [1, 1, 2, 2], window: 2)
    }
    #expect(covariance == [1, 2, 3, 4, 2, 4, 6, 8, 3, 6, 9, 12, 4, 8, 12, 16])
  }

  @Test func constantPicturesGiveFiniteFilters() {
    let shape: Shape = [2, 3, 4, 4]
    let filters = Tensor.zeros(shape).withUnsafeBufferPointer {
      PatchWhitening.filters(images: $0, shape: shape, window: 2)
    }
    #expect(filters.scalars.allSatisfy { $0.isFinite })
  }
}
