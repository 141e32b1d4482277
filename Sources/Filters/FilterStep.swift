/// A filter with its argument and options: one step of a chain.
public struct FilterStep: Sendable {
  /// The filter's name.
  public let name: String
  /// What it computes.
  public internal(set) var operation: Operation
  /// How.
  public var options: FilterOptions

  /// A filter of the catalog, its argument as it is typed.
  ///
  /// - Parameter modifiers: the filter's further arguments by name, as they are typed.
  /// - Throws: when an argument is missing, superfluous or out of its range.
  public init(
    _ filter: Filter, _ argument: String? = nil, _ options: FilterOptions = .init(),
    modifiers: [String: String] = [:]
  ) throws(FilterError) {
    name = filter.name
    operation = try filter.operation(argument, modifiers: modifiers)
    self.options = options
  }

  /// Correlation with a kernel of one's own.
  public init(kernel: Kernel, _ options: FilterOptions = .init()) {
    name = Filter.custom.name
    operation = .kernel(kernel)
    self.options = options
  }
}
