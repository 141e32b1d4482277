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
  /// The values that it may have, where they are words.
  let values: [String]
  /// Whether it is a file.
  let completesFiles: Bool
  let apply: @Sendable (String, inout ChainArguments.Step) throws(FilterError) -> Void

  /// Every modifier, in the order in which help shows them.
  static let all = common + ofFilters

  /// One that changes how any filter works.
  private init(
    name: String, placeholder: String?, summary: String, example: String, values: [String] = [],
    change: @escaping @Sendable (String, inout FilterOptions) throws(FilterError) -> Void
  ) {
    self.name = name
    self.placeholder = placeholder
    self.summary = summary
    self.values = values
    self.example = example
    completesFiles = false
    apply = { text, step throws(FilterError) in try change(text, &step.options) }
  }

  /// One whose value is a file, read when the chain is made.
  private init(
    name: String, placeholder: String?, summary: String, example: String, completesFiles: Bool,
    keep: @escaping @Sendable (String, inout ChainArguments.Step) -> Void
  ) {
    self.name = name
    self.placeholder = placeholder
    self.summary = summary
    self.example = example
    self.completesFiles = completesFiles
    values = []
    apply = { text, step in keep(text, &step) }
  }

  /// A further argument of some filters.
  private init(_ modifier: Filter.Modifier, of filters: [Filter]) {
    let name = modifier.name
    self.name = name
    placeholder = modifier.placeholder
    summary = modifier.summary
    values = modifier.values
    completesFiles = false
    example = "--\(name)" + (modifier.placeholder.map { " " + $0 } ?? "")
    let names = filters.map { "--" + $0.name }.joined(separator: ", ")
    apply = { text, step throws(FilterError) in
      guard filters.contains(step.filter) else {
        throw .badArgument("it has no meaning for --\(step.filter.name), only for \(names)")
      }
      step.modifiers[name] = text
    }
  }

  private static let ofFilters = {
    var all: [Modifier] = []
    for modifier in Filter.catalog.flatMap(\.modifiers)
    where !all.contains(where: { $0.name == modifier.name }) {
      all.append(
        Modifier(modifier, of: Filter.catalog.filter { $0.modifiers.contains(modifier) }))
    }
    return all
  }()

  private static let common = [
    Modifier(
      name: "direction", placeholder: "D",
      summary: "gradient output: x, y, magnitude (default) or angle",
      example: "--direction x", values: names(of: GradientDirection.self)
    ) { text, options throws(FilterError) in
      options.direction = try choice(text)
    },
    Modifier(
      name: "border", placeholder: "B",
      summary: "border extrapolation: reflect101, replicate, reflect, wrap or constant:V",
      example: "--border replicate",
      values: ["reflect101", "replicate", "reflect", "wrap", "constant:"]
    ) { text, options throws(FilterError) in
      options.border = try Border(text)
    },
    Modifier(
      name: "alpha", placeholder: "A",
      summary: "where neighbors mix: weighted (default) by alpha, or straight: alpha stays",
      example: "--alpha straight", values: names(of: AlphaHandling.self)
    ) { text, options throws(FilterError) in
      options.alpha = try choice(text)
    },
    Modifier(
      name: "region", placeholder: "X,Y,W,H",
      summary: "filter only this part of the image, in pixels", example: "--region 0,0,100,50"
    ) { text, options throws(FilterError) in
      options.region = try Region(text)
    },
    Modifier(
      name: "mask", placeholder: "FILE",
      summary: "filter where this gray image of the same size is white, blend where it is gray",
      example: "--mask mask.png", completesFiles: true
    ) { path, step in
      step.mask = path
    },
    Modifier(
      name: "linear", placeholder: nil,
      summary: "blurs and resizing: in linear light instead of stored values", example: "--linear"
    ) { _, options throws(FilterError) in
      options.linear = true
    },
    Modifier(
      name: "measure", placeholder: nil,
      summary: "print what the result shows: parts, their area, threshold and histogram, as JSON",
      example: "--measure"
    ) { _, options throws(FilterError) in
      options.measures = true
    },
    Modifier(
      name: "histogram", placeholder: nil,
      summary: "draw the histogram of the result beside the output, as NAME.histogram.png",
      example: "--histogram"
    ) { _, options throws(FilterError) in
      options.drawsHistogram = true
    },
    Modifier(
      name: "padding", placeholder: "P",
      summary: "same (default) keeps the size; valid drops pixels whose window crosses the border",
      example: "--padding valid", values: names(of: ConvolutionMode.self)
    ) { text, options throws(FilterError) in
      options.padding = try choice(text)
    },
    Modifier(
      name: "stride", placeholder: "N", summary: "keep every N-th pixel in x and y",
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
      name: "relu", placeholder: nil, summary: "clip negative results to 0 (ReLU)",
      example: "--relu"
    ) { _, options throws(FilterError) in
      options.relu = true
    },
    Modifier(
      name: "absolute", placeholder: nil, summary: "absolute value of the results",
      example: "--absolute"
    ) { _, options throws(FilterError) in
      options.range = .absolute
    },
    Modifier(
      name: "normalize", placeholder: nil, summary: "stretch results to the full range (min–max)",
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
      throw .invalidValue(text, expected: Choice.allCases.map(\.rawValue))
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
