/// Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations.
///
/// Golub & Van Loan, "Matrix Computations", 4th edition, section 8.5: each rotation makes one pair of
/// off-diagonal elements zero; sweeps over all pairs converge quadratically. A sweep takes time in
/// proportion to size³: covariances of patches have 12 to 27 rows, those of features some hundreds.
package struct SymmetricEigen {
  /// From the largest to the smallest.
  package let values: [Double]
  /// `vectors[i]` has length 1 and belongs to `values[i]`; its largest element is positive.
  package let vectors: [[Double]]

  /// - Parameter matrix: symmetric, row-major, `size × size`; only finite numbers.
  package init(_ matrix: [Double], size: Int) {
    var a = matrix
    // Rows of v become the eigenvectors.
    var v = (0..<(size * size)).map { $0 % (size + 1) == 0 ? 1.0 : 0.0 }
    for _ in 0..<64 {
      var offDiagonal = 0.0
      var diagonal = 0.0
      for row in 0..<size {
        diagonal += a[row * size + row] * a[row * size + row]
        for column in 0..<row { offDiagonal += a[row * size + column] * a[row * size + column] }
      }
      if offDiagonal <= 1e-30 * diagonal { break }
      for p in 0..<size {
        for q in (p + 1)..<max(size, p + 1) { Self.rotate(&a, &v, size, p, q) }
      }
    }
    let order = (0..<size).sorted { a[$0 * size + $0] > a[$1 * size + $1] }
    values = order.map { a[$0 * size + $0] }
    vectors = order.map { index in
      let vector = Array(v[(index * size)..<((index + 1) * size)])
      let largest = vector.max { abs($0) < abs($1) } ?? 1
      return largest < 0 ? vector.map { -$0 } : vector
    }
  }

  /// Makes a[p, q] zero: a ← Jᵀ a J, and v ← Jᵀ v.
  private static func rotate(
    _ a: inout [Double], _ v: inout [Double], _ size: Int, _ p: Int, _ q: Int
  ) {
    let apq = a[p * size + q]
    guard apq != 0 else { return }
    let theta = (a[q * size + q] - a[p * size + p]) / (2 * apq)
    let tangent = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for k in 0..<size {
      let (akp, akq) = (a[k * size + p], a[k * size + q])
      a[k * size + p] = cosine * akp - sine * akq
      a[k * size + q] = sine * akp + cosine * akq
    }
    for k in 0..<size {
      let (apk, aqk) = (a[p * size + k], a[q * size + k])
      a[p * size + k] = cosine * apk - sine * aqk
      a[q * size + k] = sine * apk + cosine * aqk
      let (vpk, vqk) = (v[p * size + k], v[q * size + k])
      v[p * size + k] = cosine * vpk - sine * vqk
      v[q * size + k] = sine * vpk + cosine * vqk
    }
  }
}
