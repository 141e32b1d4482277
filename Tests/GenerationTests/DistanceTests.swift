import Generation
import Tensors
import Testing

/// Normal vectors with a deviation and a mean for each axis.
private func vectors(_ count: Int, mean: [Float], deviation: [Float], seed: UInt64) -> [[Float]] {
  var random = RandomSource(seed: seed)
  return (0..<count).map { _ in
    zip(mean, deviation).map { $0 + $1 * random.normal() }
  }
}

private func moments(_ vectors: [[Float]]) -> FeatureMoments {
  var moments = FeatureMoments(size: vectors[0].count)
  for vector in vectors { moments.add(vector) }
  return moments
}

@Suite struct DistanceTests {
  @Test func momentsOfFourPoints() {
    // Means 1 and 2; squared deviations sum to 4 and 16, their products to 8; divided by 3.
    let moments = moments([[0, 0], [2, 4], [0, 0], [2, 4]])
    #expect(moments.mean == [1, 2])
    let expected = [4.0 / 3, 8.0 / 3, 8.0 / 3, 16.0 / 3]
    for (value, wanted) in zip(moments.covariance, expected) {
      #expect(abs(value - wanted) < 1e-12)
    }
  }

  /// Along one axis d² = (μ₁ − μ₂)² + (σ₁ − σ₂)²: here 3² + (√2 − √8)² = 9 + 2.
  @Test func frechetDistanceOfOneAxis() {
    let distance = FrechetDistance(from: moments([[-1], [1]]))
    #expect(abs(distance.squared(to: moments([[1], [5]])) - 11) < 1e-9)
  }

  /// Covariances that do not commute: C₁ = diag(4, 1), C₂ with 2.5 and 1.5; by hand
  /// tr (C₁^½ C₂ C₁^½)^½ = √(tr M + 2 √det M) for the 2 × 2 matrix M.
  @Test func frechetDistanceOfTwoAxes() {
    let first = moments([[2, 1], [-2, -1], [2, -1], [-2, 1]])
    let second = moments([[2, 1], [-2, -1], [1, 2], [-1, -2]])
    // C₁ = diag(16/3, 4/3), C₂ = [[10/3, 8/3], [8/3, 10/3]], both means 0.
    let trace = 16.0 / 3 * 10 / 3 + 4.0 / 3 * 10 / 3
    let determinant = (16.0 / 3) * (4.0 / 3) * (100.0 / 9 - 64.0 / 9)
    let wanted = 20.0 / 3 + 20.0 / 3 - 2 * (trace + 2 * determinant.squareRoot()).squareRoot()
    #expect(abs(FrechetDistance(from: first).squared(to: second) - wanted) < 1e-9)
  }

  @Test func frechetDistanceToItselfIsZero() {
    let set = moments(vectors(200, mean: [1, 2, 3], deviation: [1, 0.1, 0], seed: 3))
    #expect(FrechetDistance(from: set).squared(to: set) < 1e-6)
  }

  /// Pairs by hand: k(x, y) = (xy + 1)³ on one axis.
  @Test func kernelDistanceByHand() {
    // Within {0, 1}: 1; within {2, 3}: 343; between: 1, 1, 27, 64.
    let distance = KernelMMD.estimate([[0], [1]], [[2], [3]])
    #expect(abs(distance - (1 + 343 - 2 * (1 + 1 + 27 + 64) / 4)) < 1e-9)
  }

  @Test func kernelDistanceTellsSetsApart() {
    let a = vectors(300, mean: [0, 0], deviation: [1, 1], seed: 1)
    let b = vectors(300, mean: [0, 0], deviation: [1, 1], seed: 2)
    let c = vectors(300, mean: [1, 0], deviation: [1, 1], seed: 3)
    #expect(abs(KernelMMD.estimate(a, b)) < 0.2)
    #expect(KernelMMD.estimate(a, c) > 0.5)
  }

  @Test func meanDistanceOfThreePoints() {
    #expect(abs(meanPairwiseDistance([[0, 0], [3, 4], [0, 0]]) - 10.0 / 3) < 1e-9)
    #expect(meanPairwiseDistance([[1]]) == 0)
  }
}
