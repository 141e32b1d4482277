import Tensors

/// A tensor in double precision, for references that favor the obvious over the fast.
public struct ReferenceTensor: Sendable {
  public let shape: Shape
  /// All elements, row-major.
  public var values: [Double]

  public init(_ shape: Shape, _ values: [Double]) {
    precondition(shape.count == values.count, "\(values.count) values for \(shape)")
    self.shape = shape
    self.values = values
  }

  public init(_ shape: Shape, repeating value: Double = 0) {
    self.init(shape, [Double](repeating: value, count: shape.count))
  }

  public init(_ tensor: Tensor) {
    self.init(tensor.shape, tensor.scalars.map(Double.init))
  }

  /// Uniform random numbers between the bounds, exactly representable as Float.
  public static func random(
    _ shape: Shape, from lower: Float = -1, to upper: Float = 1, _ random: inout RandomSource
  ) -> ReferenceTensor {
    ReferenceTensor(shape, (0..<shape.count).map { _ in Double(random.uniform(lower, upper)) })
  }

  /// The same values rounded to Float.
  public var tensor: Tensor { Tensor(shape, values.map { Float($0) }) }

  /// The element at a position, one index per axis.
  public subscript(_ index: [Int]) -> Double {
    get { values[offset(index)] }
    set { values[offset(index)] = newValue }
  }

  /// The element at a position of a tensor with four axes.
  public subscript(_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Double {
    get { values[((n * shape[1] + c) * shape[2] + i) * shape[3] + j] }
    set { values[((n * shape[1] + c) * shape[2] + i) * shape[3] + j] = newValue }
  }

  private func offset(_ index: [Int]) -> Int {
    zip(index, shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }
  }

  public func map(_ transform: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(shape, values.map(transform))
  }

  /// Repeated along axes of extent 1 and missing leading axes.
  public func broadcast(to target: Shape) -> ReferenceTensor {
    if shape == target { return self }
    if shape.count == 1 { return ReferenceTensor(target, repeating: values[0]) }
    let missing = target.rank - shape.rank
    var result = ReferenceTensor(target)
    for index in target.indices {
      result[index] = self[(0..<shape.rank).map { shape[$0] == 1 ? 0 : index[$0 + missing] }]
    }
    return result
  }

  /// The largest |a − b| / max(1, |b|) over all elements; infinite where shapes differ or only one
  /// of both is not a number.
  public func largestError(against other: ReferenceTensor) -> Double {
    guard shape == other.shape else { return .infinity }
    return zip(values, other.values).map { a, b in
      if a == b || a.isNaN && b.isNaN { return 0 }
      let error = abs(a - b) / max(1, abs(b))
      return error.isNaN ? .infinity : error
    }.max() ?? 0
  }
}

extension Shape {
  /// All positions, row-major, one index per axis.
  public var indices: some Sequence<[Int]> {
    (0..<count).lazy.map { position in
      var rest = position
      var index = [Int](repeating: 0, count: rank)
      for axis in stride(from: rank - 1, through: 0, by: -1) {
        index[axis] = rest % self[axis]
        rest /= self[axis]
      }
      return index
    }
  }
}
