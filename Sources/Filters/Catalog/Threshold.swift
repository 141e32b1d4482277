extension Filter {
  /// Black and white by one threshold.
  public static let threshold = Filter(
    "threshold", "T|otsu|triangle", "threshold in sample units, or how it is found",
    summary: "white where gray exceeds a threshold, black elsewhere", kernel: "x > T",
    range: "0 or 255", example: "otsu"
  ) { argument throws(FilterError) in
    switch argument {
    case "otsu": return .own(Threshold(level: .otsu))
    case "triangle": return .own(Threshold(level: .triangle))
    default:
      guard let number = Fraction(argument)?.value else {
        throw .badArgument("threshold \(argument): give a number, otsu or triangle")
      }
      return .own(Threshold(level: .fixed(number)))
    }
  }

  /// Black and white by the mean around each pixel.
  public static let adaptiveThreshold = Filter(
    "adaptive-threshold",
    Parameter(
      "N,C", "side of the window in pixels, odd; what is taken from its mean, in sample units",
      example: "31,5"),
    modifiers: [.weights],
    summary: "white where gray exceeds its local mean less C, black elsewhere",
    kernel: "x > mean of N × N − C", range: "0 or 255"
  ) { arguments throws(FilterError) in
    let parts = arguments.value.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let size = Int(parts[0]), size % 2 == 1, (3...4095).contains(size),
      let constant = Fraction(parts[1])?.value
    else {
      throw .badArgument(
        "adaptive-threshold \(arguments.value): give N,C, as 31,5; "
          + "N is an odd number from 3 to 4095")
    }
    return .own(
      AdaptiveThreshold(
        size: size, constant: constant, weights: try arguments.choice(.weights) ?? .mean))
  }
}

extension Filter.Modifier {
  static let weights = Filter.Modifier(
    "weights", "W", "adaptive threshold: mean (default) or gaussian",
    values: AdaptiveThreshold.Weights.allCases.map(\.rawValue))
}
