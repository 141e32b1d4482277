/// A tensor that is read when it is needed: its values may still lie in a file.
public struct LazyTensor: Sendable {
  /// Writes some of the elements, counted in row-major order, to memory that has room for them. May be
  /// called for different elements from several threads at once.
  public typealias Reader =
    @Sendable (_ elements: Range<Int>, _ target: UnsafeMutablePointer<Float>) -> Void

  private enum Source: Sendable {
    case tensor(Tensor)
    case reader(Reader)
  }

  public let shape: Shape
  private let source: Source

  /// A tensor that is in memory already.
  public init(_ tensor: Tensor) {
    shape = tensor.shape
    source = .tensor(tensor)
  }

  /// A tensor whose elements `reader` writes.
  public init(_ shape: Shape, reader: @escaping Reader) {
    self.shape = shape
    source = .reader(reader)
  }

  /// The number of elements.
  public var count: Int { shape.count }

  /// All of it, in memory.
  public var tensor: Tensor {
    switch source {
    case .tensor(let tensor): tensor
    case .reader(let read):
      Tensor(shape) { target in
        // A tensor of no elements may have no address.
        if let start = target.baseAddress { read(0..<target.count, start) }
      }
    }
  }

  /// Copies some of the elements, counted in row-major order.
  ///
  /// - Precondition: the elements are among the tensor's, and `target` has room for them.
  public func read(_ elements: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    precondition(
      elements.lowerBound >= 0 && elements.upperBound <= count, "\(elements) of \(count)")
    switch source {
    case .tensor(let tensor):
      tensor.withUnsafeBufferPointer { values in
        // Within the tensor, as checked above.
        guard let start = values.baseAddress else { return }
        target.update(from: start + elements.lowerBound, count: elements.count)
      }
    case .reader(let read): read(elements, target)
    }
  }
}
