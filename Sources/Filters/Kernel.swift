/// A matrix of weights that is laid over every pixel's neighborhood, multiplied and summed
/// (correlation: the kernel is not flipped).
public struct Kernel: Sendable, Equatable {
  /// Rows of the matrix.
  public let height: Int
  /// Columns of the matrix.
  public let width: Int
  /// The weights, row by row (`height` × `width`).
  public let weights: [Double]
  /// Factor on the sum.
  public let scale: Double
  /// Added to the scaled sum, in units of the image's samples.
  public let bias: Double

  /// A kernel from its rows.
  ///
  /// - Throws: when there is no weight, the rows differ in length, or a number is not finite.
  public init(rows: [[Double]], scale: Double = 1, bias: Double = 0) throws(FilterError) {
    guard let width = rows.first?.count, width > 0 else { throw .badKernel("the kernel is empty") }
    for (number, row) in rows.enumerated() {
      if row.count != width {
        throw .badKernel(
          "kernel row \(number + 1) has \(row.count) weights, row 1 has \(width); give every row the same number"
        )
      }
      if let column = row.firstIndex(where: { !$0.isFinite }) {
        throw .badKernel("kernel row \(number + 1), column \(column + 1): not a finite number")
      }
    }
    guard scale.isFinite, bias.isFinite else {
      throw .badKernel("the kernel's scale and bias must be finite numbers")
    }
    self.init(rows, scale: scale, bias: bias)
  }

  /// A kernel that the catalog vouches for.
  init(_ rows: [[Double]], scale: Double = 1, bias: Double = 0) {
    height = rows.count
    width = rows[0].count
    weights = rows.flatMap { $0 }
    self.scale = scale
    self.bias = bias
    precondition(weights.count == height * width)
  }

  /// The weight in a row and column.
  public subscript(row: Int, column: Int) -> Double { weights[row * width + column] }

  /// The rows of the matrix.
  public var rows: [[Double]] {
    (0..<height).map { Array(weights[$0 * width..<($0 + 1) * width]) }
  }

  /// The kernel with rows and columns exchanged.
  public var transposed: Kernel {
    Kernel(
      (0..<width).map { column in (0..<height).map { self[$0, column] } }, scale: scale, bias: bias)
  }

  /// The matrix product of a column and a row.
  static func product(column: [Int], row: [Int]) -> Kernel {
    Kernel(column.map { a in row.map { b in Double(a) * Double(b) } })
  }

  /// Whether every weight is a whole number and no sum of products with samples up to `maximum`
  /// (nor a part of it) leaves ±`bound`.
  func isInteger(samplesTo maximum: Double, within bound: Double) -> Bool {
    weights.allSatisfy { $0 == $0.rounded() && $0.magnitude <= bound }
      && weights.reduce(0) { $0 + $1.magnitude } * maximum <= bound
  }
}

extension Kernel: CustomStringConvertible {
  /// The rows separated by `/`, as `1 2 1 / 2 4 2 / 1 2 1 × 0.0625`.
  public var description: String {
    let matrix = rows.map { $0.map(numberText).joined(separator: " ") }.joined(separator: " / ")
    let factor = scale == 1 ? "" : " × \(scaleText)"
    return matrix + factor + (bias == 0 ? "" : " + \(numberText(bias))")
  }

  /// The scale, as `1/16` where it is one part of a whole number.
  var scaleText: String {
    let inverse = (1 / scale).rounded()
    let isPart = inverse.isFinite && inverse.magnitude > 1 && 1 / inverse == scale
    return isPart ? "1/\(numberText(inverse))" : numberText(scale)
  }
}

/// A number without a needless `.0`.
func numberText(_ value: Double) -> String {
  value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
}
