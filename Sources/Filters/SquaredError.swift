/// ½ Σ (wᵀx − t)² over examples, as a quadratic ½ wᵀA w − cᵀw + …: A = Σ x xᵀ, c = Σ t x.
struct SquaredError {
  private let size: Int
  private var matrix: [Double]
  private var vector: [Double]
  private(set) var count = 0
  /// Examples that are not in the sums yet, and their signs: several at a time cost less.
  private var waiting: [Double] = []
  private var signs: [Double] = []

  private static let batch = 8

  init(parameters: Int) {
    size = parameters
    matrix = Array(repeating: 0, count: parameters * parameters)
    vector = Array(repeating: 0, count: parameters)
  }

  /// - Parameter sign: 1, or −1 to take away what was added.
  mutating func add(_ inputs: UnsafePointer<Double>, _ target: Double, _ sign: Double) {
    for index in 0..<size { vector[index] += sign * target * inputs[index] }
    count += sign > 0 ? 1 : -1
    waiting.append(contentsOf: UnsafeBufferPointer(start: inputs, count: size))
    signs.append(sign)
    if signs.count == Self.batch { flush() }
  }

  /// Adds what is waiting.
  mutating func flush() {
    guard !signs.isEmpty else { return }
    // Noughts for what is missing in a batch.
    waiting.append(contentsOf: repeatElement(0, count: Self.batch * size - waiting.count))
    signs.append(contentsOf: repeatElement(0, count: Self.batch - signs.count))
    let size = size
    matrix.withUnsafeMutableBufferPointer { matrix in
      waiting.withUnsafeBufferPointer { rows in
        guard let matrix = matrix.baseAddress, let x = rows.baseAddress else { return }
        // The lower half; the upper one is its mirror.
        for row in 0..<size {
          let output = matrix + row * size
          func factor(_ example: Int) -> Double { signs[example] * x[example * size + row] }
          let (a, b, c, d) = (factor(0), factor(1), factor(2), factor(3))
          let (e, f, g, h) = (factor(4), factor(5), factor(6), factor(7))
          for column in 0...row {
            let y = x + column
            let first = a * y[0] + b * y[size] + c * y[2 &* size] + d * y[3 &* size]
            let second =
              e * y[4 &* size] + f * y[5 &* size] + g * y[6 &* size] + h * y[7 &* size]
            output[column] += first + second
          }
        }
      }
    }
    waiting.removeAll(keepingCapacity: true)
    signs.removeAll(keepingCapacity: true)
  }

  /// A with its upper half.
  private var mirrored: [Double] {
    var matrix = matrix
    for row in 0..<size {
      for column in 0..<row { matrix[column * size + row] = matrix[row * size + column] }
    }
    return matrix
  }

  /// A w: since A is its own mirror, the sum of its rows, each times a weight, which a processor adds up
  /// several at a time.
  private func product(_ matrix: [Double], _ weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: size)
    matrix.withUnsafeBufferPointer { matrix in
      for row in 0..<size {
        let (weight, row) = (weights[row], matrix.extracting(row * size..<(row + 1) * size))
        for column in 0..<size { sums[column] += weight * row[column] }
      }
    }
    return sums
  }

  /// The weights at the bottom, by conjugate gradient descent, and the number of steps.
  ///
  /// Neighboring pixels are much alike, so that the bottom is a long, narrow valley, which plain gradients
  /// cross ten thousand times. They are turned along it first, by the inverse of A as far as
  /// rounding lets it be known.
  func descended(from start: [Double]) -> (weights: [Double], steps: Int) {
    let matrix = mirrored
    let factor = CholeskyFactor(matrix, size: size)
    var weights = start
    var gradient = zip(product(matrix, weights), vector).map { $0 - $1 }
    var turned = factor.solve(gradient)
    var direction = turned.map { -$0 }
    var slope = dot(gradient, turned, size)
    let flat = slope * 1e-28
    var steps = 0
    // As many steps as parameters would do without rounding.
    while steps < 10 * size, slope > flat {
      let change = product(matrix, direction)
      let curvature = dot(direction, change, size)
      if curvature <= 0 { break }
      let length = slope / curvature
      for index in 0..<size {
        weights[index] += length * direction[index]
        gradient[index] += length * change[index]
      }
      turned = factor.solve(gradient)
      let next = dot(gradient, turned, size)
      for index in 0..<size {
        direction[index] = direction[index] * (next / slope) - turned[index]
      }
      slope = next
      steps += 1
    }
    return (weights, steps)
  }
}
