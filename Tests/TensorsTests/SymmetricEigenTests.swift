import Tensors
import Testing

@Suite struct SymmetricEigenTests {
  /// [2 1; 1 2] has the eigenvalues 3 along (1, 1)/√2 and 1 along (1, −1)/√2.
  @Test func twoByTwo() {
    let eigen = SymmetricEigen([2, 1, 1, 2], size: 2)
    #expect(zip(eigen.values, [3, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(eigen.vectors[0].allSatisfy { abs($0 - 0.5.squareRoot()) < 1e-12 })
  }

  @Test(arguments: [1, 2, 3, 12, 27])
  func vectorsAreOrthonormalAndSatisfyTheEquation(size: Int) {
    // A covariance: X Xᵀ of numbers from a linear congruential generator.
    var state: UInt64 = 7
    let x = (0..<(size * size)).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 23) - 1
    }
    var a = Array(repeating: 0.0, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        for k in 0..<size { a[row * size + column] += x[row * size + k] * x[column * size + k] }
      }
    }
    let eigen = SymmetricEigen(a, size: size)
    for i in 0..<size {
      for row in 0..<size {
        let product = (0..<size).reduce(0) { $0 + a[row * size + $1] * eigen.vectors[i][$1] }
        #expect(abs(product - eigen.values[i] * eigen.vectors[i][row]) < 1e-9)
      }
      for j in 0..<size {
        let product = zip(eigen.vectors[i], eigen.vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-9)
      }
      if i > 0 { #expect(eigen.values[i] <= eigen.values[i - 1]) }
    }
  }

  @Test func zeroMatrixIsItsOwnAnswer() {
    #expect(SymmetricEigen([0, 0, 0, 0], size: 2).values == [0, 0])
  }
}
