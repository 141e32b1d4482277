/// A dense array of 32-bit floats in row-major order: a value, copied when written to.
public struct Tensor: Hashable, Sendable {
  public let shape: Shape
  /// All elements, the last axis running fastest; there are always `shape.count` of them.
  public private(set) var scalars: [Float]

  /// A tensor of the given elements, in row-major order.
  ///
  /// - Precondition: there are `shape.count` scalars.
  public init(_ shape: Shape, _ scalars: [Float]) {
    precondition(scalars.count == shape.count, "\(scalars.count) scalars for shape \(shape)")
    self.shape = shape
    self.scalars = scalars
  }

  /// A tensor whose elements all are `value`.
  public init(_ shape: Shape, repeating value: Float) {
    self.shape = shape
    self.scalars = [Float](repeating: value, count: shape.count)
  }

  /// A tensor whose elements `fill` writes; those it does not write are undefined.
  public init<Failure: Error>(
    _ shape: Shape,
    fillingWith fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.init(shape, repeating: 0)
    try withUnsafeMutableBufferPointer(fill)
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(shape, repeating: 0) }

  /// A tensor without axes that holds one number.
  public static func scalar(_ value: Float) -> Tensor { Tensor([], [value]) }

  /// The number of elements.
  public var count: Int { scalars.count }

  /// The element at a position, one index per axis.
  ///
  /// - Precondition: each index lies within its axis.
  public subscript(_ indices: Int...) -> Float {
    get { scalars[offset(of: indices)] }
    set { scalars[offset(of: indices)] = newValue }
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: both shapes hold the same number of elements.
  public func reshaped(to shape: Shape) -> Tensor { Tensor(shape, scalars) }

  /// Calls `body` with the elements, without a copy.
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try scalars.withUnsafeBufferPointer(body)
  }

  /// Calls `body` with the elements to change in place, without a copy when they are not shared.
  public mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try scalars.withUnsafeMutableBufferPointer { buffer throws(Failure) in try body(buffer) }
  }

  private func offset(of indices: [Int]) -> Int {
    precondition(indices.count == shape.rank, "\(indices.count) indices for shape \(shape)")
    var offset = 0
    for (axis, index) in indices.enumerated() {
      precondition((0..<shape[axis]).contains(index), "index \(index) outside axis \(axis)")
      offset = offset * shape[axis] + index
    }
    return offset
  }
}
