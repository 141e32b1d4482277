/// The kernel distance between two sets of feature vectors: an unbiased estimate of the squared
/// maximum mean discrepancy under the kernel k(x, y) = (x·y / size + 1)³.
///
///     d = mean k(x, x′) + mean k(y, y′) − 2 · mean k(x, y), pairs x ≠ x′ and y ≠ y′
///
/// A. Gretton et al.: *A Kernel Two-Sample Test*. 2012, eq. 3; for images M. Bińkowski et al.:
/// *Demystifying MMD GANs*. 2018, arXiv 1801.01401, §4, whose features are an Inception network's.
public enum KernelMMD {
  /// The distance; near 0 where both sets come from one distribution, negative by chance.
  ///
  /// - Parameters:
  ///   - first: vectors of one length, two or more.
  ///   - second: vectors of the same length, two or more.
  public static func estimate(_ first: [[Float]], _ second: [[Float]]) -> Double {
    within(first) + within(second) - 2 * between(first, second)
  }

  private static func kernel(_ x: [Float], _ y: [Float]) -> Double {
    var dot: Float = 0
    for index in x.indices { dot += x[index] * y[index] }
    let base = Double(dot) / Double(x.count) + 1
    return base * base * base
  }

  /// The mean over all pairs of different members.
  private static func within(_ vectors: [[Float]]) -> Double {
    var sum = 0.0
    for index in vectors.indices {
      for other in 0..<index { sum += kernel(vectors[index], vectors[other]) }
    }
    let pairs = Double(vectors.count) * Double(vectors.count - 1) / 2
    return sum / max(pairs, 1)
  }

  private static func between(_ first: [[Float]], _ second: [[Float]]) -> Double {
    var sum = 0.0
    for x in first { for y in second { sum += kernel(x, y) } }
    return sum / (Double(first.count) * Double(second.count))
  }
}
