import Filters

/// An option that changes the filter before it on the command line.
struct Modifier: Sendable {
  /// The flag's name without dashes.
  let name: String
  /// What its value is called in help; `nil` where it takes none.
  let placeholder: String?
  let summary: String
  /// How it may be written.
  let example: String
  /// Its values for completion, where they can be counted.
  var values: [String] = []
  let apply: @Sendable (String, inout FilterOptions) throws(FilterError) -> Void

  /// Every modifier, in the order in which help shows them.
  static let all = [
    Modifier(
      name: "direction", placeholder: "D", summary: "gradients: x, y, magnitude (default) or angle",
      example: "--direction x", values: names(of: GradientDirection.self)
    ) { text, options throws(FilterError) in
      options.direction = try choice(text)
    },
    Modifier(
      name: "border", placeholder: "B",
      summary: "beyond the edge: reflect101 (default), replicate, reflect, wrap or constant:V",
      example: "--border replicate",
      values: ["reflect101", "replicate", "reflect", "wrap", "constant:"]
    ) { text, options throws(FilterError) in
      options.border = try Border(text)
    },
    Modifier(
      name: "padding", placeholder: "P",
      summary: "at the edge: same (default) keeps the size; valid leaves out what touches it",
      example: "--padding valid", values: names(of: Padding.self)
    ) { text, options throws(FilterError) in
      options.padding = try choice(text)
    },
    Modifier(
      name: "stride", placeholder: "N", summary: "every N-th pixel, in both directions",
      example: "--stride 2"
    ) { text, options throws(FilterError) in
      guard let stride = Int(text), (1...65_535).contains(stride) else {
        throw .badArgument("\"\(text)\" is not a whole number from 1 to 65535")
      }
      options.stride = stride
    },
    Modifier(
      name: "scale", placeholder: "F", summary: "multiply results by F", example: "--scale 0.25"
    ) { text, options throws(FilterError) in
      options.scale = try number(text)
    },
    Modifier(
      name: "bias", placeholder: "V", summary: "add V to results, after scaling",
      example: "--bias 128"
    ) { text, options throws(FilterError) in
      options.bias = try number(text)
    },
    Modifier(
      name: "relu", placeholder: nil, summary: "negative results become 0", example: "--relu"
    ) { _, options throws(FilterError) in
      options.relu = true
    },
    Modifier(
      name: "absolute", placeholder: nil, summary: "results without their sign",
      example: "--absolute"
    ) { _, options throws(FilterError) in
      options.range = .absolute
    },
    Modifier(
      name: "normalize", placeholder: nil, summary: "stretch results to the full range",
      example: "--normalize"
    ) { _, options throws(FilterError) in
      options.range = .normalized
    },
  ]

  static func named(_ name: String) -> Modifier? { all.first { $0.name == name } }

  private static func names<Choice>(of type: Choice.Type) -> [String]
  where Choice: RawRepresentable<String> & CaseIterable {
    Choice.allCases.map(\.rawValue)
  }

  private static func choice<Choice>(_ text: String) throws(FilterError) -> Choice
  where Choice: RawRepresentable<String> & CaseIterable {
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badArgument("\"\(text)\" is none of \(names)")
    }
    return choice
  }

  private static func number(_ text: String) throws(FilterError) -> Double {
    guard let number = Fraction(text) else {
      throw .badArgument("\"\(text)\" is not a number; give it as 1, -0.5 or 1/9")
    }
    return number.value
  }
}
