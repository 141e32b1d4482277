/// What is wrong with an operation that was about to join a graph, found while it is built.
public struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The layer or place the operation belongs to, where one was named.
  public var label: String?
  /// The operation or the function of the graph that refused.
  public var operation: String
  /// "expected …, received …".
  public var message: String

  public init(label: String? = nil, operation: String, message: String) {
    self.label = label
    self.operation = operation
    self.message = message
  }

  public var description: String {
    let place = label.map { "\($0): " } ?? ""
    return "\(place)\(operation): \(message)"
  }
}
