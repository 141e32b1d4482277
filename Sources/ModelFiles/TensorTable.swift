import Tensors

/// Tensors by name, in the order in which they were added.
public struct TensorTable: Sendable, Equatable {
  /// The names in order.
  public private(set) var names: [String] = []
  private var tensors: [String: Tensor] = [:]

  public init() {}

  /// The tensor of that name. A new name goes to the end; nil removes.
  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set {
      switch (tensors[name], newValue) {
      case (nil, .some): names.append(name)
      case (.some, nil): names.removeAll { $0 == name }
      default: break
      }
      tensors[name] = newValue
    }
  }

  public var count: Int { names.count }
}

extension TensorTable: Sequence {
  /// Names and tensors in order.
  public func makeIterator() -> some IteratorProtocol<(name: String, tensor: Tensor)> {
    names.lazy.compactMap { name in tensors[name].map { (name: name, tensor: $0) } }.makeIterator()
  }
}
