extension Filter {
  /// An unsharp mask with its three numbers.
  public static let unsharp = Filter(
    "unsharp",
    Parameter("SIGMA", "standard deviation of the blur in pixels", example: "2"),
    modifiers: [.amount, .above],
    summary: "unsharp mask: adds what a Gaussian blur takes away",
    kernel: "x + AMOUNT (x − G) where |x − G| > ABOVE", range: "as its amount"
  ) { arguments throws(FilterError) in
    guard let sigma = Double(arguments.value), sigma > 0, sigma <= Operation.largestSigma else {
      throw .badArgument(
        "unsharp sigma \(arguments.value): give a number above 0, up to "
          + "\(Int(Operation.largestSigma))")
    }
    return .own(
      Unsharp(
        sigma: sigma, amount: try arguments.number(.amount, in: 0...100) ?? 1,
        above: try arguments.number(.above, in: 0...65_535) ?? 0))
  }
}

extension Filter.Modifier {
  static let amount = Filter.Modifier(
    "amount", "A", "unsharp mask: times that the difference is added (default: 1)")
  static let above = Filter.Modifier(
    "above", "T", "unsharp mask: leave differences up to T as they are (default: 0)")
}
