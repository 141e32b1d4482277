/// A lower triangle L whose product L Lᵀ is a symmetric matrix, but for a little on its diagonal (Cholesky's
/// factorization), for solving its equations.
struct CholeskyFactor {
  private let size: Int
  /// Rows of L, each of `size` numbers; those behind the diagonal are not used.
  private var rows: [Double]

  /// What is added to the diagonal, as a share of its mean, so that equations that say the same twice can
  /// be solved, too.
  private static let ridge = 1e-13

  /// - Parameter matrix: `size` rows, none of whose eigenvalues is negative; its lower half is read.
  init(_ matrix: [Double], size: Int) {
    self.size = size
    rows = matrix
    let trace = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }
    let ridge = max(Self.ridge * trace / Double(size), .leastNormalMagnitude)
    // All places lie in `size` rows of `size` numbers, here and in `solve`.
    rows.withUnsafeMutableBufferPointer { rows in
      guard let start = rows.baseAddress else { return }
      for row in 0..<size {
        let own = start + row * size
        for column in 0..<row {
          let other = start + column * size
          own[column] = (own[column] - dot(own, other, column)) / other[column]
        }
        // Rounding may leave less than nothing of a row that others make up.
        own[row] = max(own[row] + ridge - dot(own, own, row), ridge).squareRoot()
      }
    }
  }

  /// The vector that the matrix turns into another one.
  func solve(_ vector: [Double]) -> [Double] {
    var result = vector
    rows.withUnsafeBufferPointer { rows in
      result.withUnsafeMutableBufferPointer { result in
        guard let start = rows.baseAddress, let x = result.baseAddress else { return }
        for row in 0..<size {
          let own = start + row * size
          x[row] = (x[row] - dot(own, x, row)) / own[row]
        }
        for row in (0..<size).reversed() {
          let own = start + row * size
          x[row] /= own[row]
          for column in 0..<row { x[column] -= own[column] * x[row] }
        }
      }
    }
    return result
  }
}
