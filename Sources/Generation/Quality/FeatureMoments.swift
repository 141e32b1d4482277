/// The mean and the covariance of feature vectors, gathered one by one.
public struct FeatureMoments: Sendable {
  /// How many numbers a vector has.
  public let size: Int
  /// Vectors so far.
  public private(set) var count = 0
  private var sum: [Double]
  /// Sums of products, of which only those with row ≥ column are kept up.
  private var products: [Double]

  public init(size: Int) {
    self.size = size
    sum = Array(repeating: 0, count: size)
    products = Array(repeating: 0, count: size * size)
  }

  /// Takes in one vector of `size` numbers.
  public mutating func add(_ features: some Collection<Float>) {
    precondition(features.count == size, "expected \(size) features, received \(features.count)")
    let values = features.map(Double.init)
    count += 1
    for row in 0..<size {
      let value = values[row]
      sum[row] += value
      // Post-activation features are often zero.
      guard value != 0 else { continue }
      for column in 0...row { products[row * size + column] += value * values[column] }
    }
  }

  /// The mean vector; zeros while there is no vector.
  public var mean: [Double] { sum.map { $0 / Double(max(count, 1)) } }

  /// The unbiased covariance, row-major `size × size`; zeros while there are fewer than two vectors.
  public var covariance: [Double] {
    guard count > 1 else { return Array(repeating: 0, count: size * size) }
    let (n, mean) = (Double(count), mean)
    var matrix = products
    for row in 0..<size {
      for column in 0...row {
        let value = (products[row * size + column] - n * mean[row] * mean[column]) / (n - 1)
        matrix[row * size + column] = value
        matrix[column * size + row] = value
      }
    }
    return matrix
  }
}
