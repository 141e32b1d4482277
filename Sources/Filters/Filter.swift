/// A filter of the catalog: what it is called and what it computes. Declared once; flags, help,
/// list and documentation come from the declaration.
public struct Filter: Sendable {
  /// The name, also of its flag (without dashes).
  public let name: String
  /// What it does, in one line.
  public let summary: String
  /// Its kernel, as people write it.
  public let kernel: String
  /// How the window's sum is brought to the image's scale.
  public let normalization: String
  /// What results can be for samples 0…255, before they are clamped.
  public let range: String
  /// The argument that it takes, if any.
  public let parameter: Parameter?
  /// Further arguments that may stand behind it.
  public let modifiers: [Modifier]
  private let operation: @Sendable (Arguments) throws(FilterError) -> Operation

  /// An argument of a filter.
  public struct Parameter: Sendable {
    /// Its name in a usage line, such as `SIGMA`.
    public let placeholder: String
    /// What it means, in one line.
    public let summary: String
    /// One that may be typed.
    public let example: String
    /// Whether it may be left out.
    public let isOptional: Bool
    /// The values that it may have, where they are words.
    public let values: [String]

    public init(
      _ placeholder: String, _ summary: String, example: String, isOptional: Bool = false,
      values: [String] = []
    ) {
      self.isOptional = isOptional
      self.values = values
      self.placeholder = placeholder
      self.summary = summary
      self.example = example
    }
  }

  /// A filter that takes no argument:
  ///
  ///     Filter("relief", .kernel([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]), summary: "lit from above")
  public init(_ name: String, _ operation: Operation, summary: String) {
    self.name = name
    self.summary = summary
    // What cannot be computed is refused where it is to be; until then it has nothing to describe.
    let isPossible = (try? operation.check()) != nil
    kernel = isPossible ? operation.kernelText : "none"
    normalization = isPossible ? operation.normalizationText : "none"
    range = isPossible ? operation.rangeText : "none"
    parameter = nil
    modifiers = []
    self.operation = { (_) throws(FilterError) in operation }
  }

  /// A filter that takes an argument.
  ///
  /// - Parameters:
  ///   - placeholder: the argument's name in a usage line.
  ///   - meaning: what the argument says, in one line.
  ///   - example: an argument that may be typed.
  ///   - kernel: the kernel as people write it; normalization and range likewise.
  ///   - operation: what the filter computes with an argument as it was typed; throws where it is
  ///     none.
  public init(
    _ name: String, _ placeholder: String, _ meaning: String, summary: String, kernel: String,
    normalization: String = "none", range: String = "0…255", example: String = "2",
    operation: @escaping @Sendable (String) throws(FilterError) -> Operation
  ) {
    self.init(
      name, Parameter(placeholder, meaning, example: example), summary: summary, kernel: kernel,
      normalization: normalization, range: range
    ) { arguments throws(FilterError) in try operation(arguments.value) }
  }

  /// A filter that takes further arguments by name.
  ///
  /// - Parameters:
  ///   - parameter: its own argument, if it takes one.
  ///   - modifiers: what may stand behind it.
  ///   - kernel: the kernel or formula as people write it; normalization and range likewise.
  ///   - operation: what the filter computes with the arguments as they were typed; throws where
  ///     they are none.
  public init(
    _ name: String, _ parameter: Parameter? = nil, modifiers: [Modifier] = [], summary: String,
    kernel: String, normalization: String = "none", range: String = "0…255",
    operation: @escaping @Sendable (Arguments) throws(FilterError) -> Operation
  ) {
    self.name = name
    self.summary = summary
    self.kernel = kernel
    self.normalization = normalization
    self.range = range
    self.parameter = parameter
    self.modifiers = modifiers
    self.operation = operation
  }

  /// What the filter computes with this argument and these modifiers, by name.
  ///
  /// - Throws: when an argument is missing, superfluous or out of its range.
  public func operation(_ argument: String? = nil, modifiers: [String: String] = [:])
    throws(FilterError) -> Operation
  {
    for name in modifiers.keys.sorted() where !self.modifiers.contains(where: { $0.name == name }) {
      throw .inapplicable(option: name, filter: self.name)
    }
    switch (parameter, argument) {
    case (nil, let argument?):
      throw .badArgument("\(name) takes no argument, given \"\(argument)\"")
    case (let parameter?, nil) where !parameter.isOptional:
      throw .badArgument("\(name) needs \(parameter.placeholder): \(parameter.summary)")
    default: return try operation(Arguments(argument ?? "", modifiers: modifiers))
    }
  }
}

extension Filter: Hashable {
  public static func == (a: Filter, b: Filter) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
