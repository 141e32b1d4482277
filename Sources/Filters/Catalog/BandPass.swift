extension Filter {
  /// The Laplacian of a Gaussian.
  public static let log = Filter(
    "log", Parameter("SIGMA", "standard deviation in pixels", example: "2"),
    modifiers: [.zeroCrossings],
    summary: "Laplacian of Gaussian: positive in dark spots, negative in bright ones",
    kernel: "((x² + y²) / SIGMA⁴ − 2 / SIGMA²) G(x, y)", range: "-255…255, most near 0"
  ) { arguments throws(FilterError) in
    .own(
      LaplacianOfGaussian(
        sigma: try sigma(arguments.value, of: "log"),
        zeroCrossings: try arguments.number(.zeroCrossings, in: 0...1e6)))
  }

  /// The difference of two Gaussians.
  public static let dog = Filter(
    "dog", "S1,S2", "standard deviations in pixels",
    summary: "difference of Gaussians: the blur by S1 minus that by S2", kernel: "G(S1) − G(S2)",
    range: "-255…255", example: "1,2"
  ) { argument throws(FilterError) in
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw .badArgument("dog \(argument): give S1,S2, as 1,2") }
    return .own(
      DifferenceOfGaussians(
        first: try sigma(parts[0], of: "dog"), second: try sigma(parts[1], of: "dog")))
  }

  private static func sigma(_ text: String, of name: String) throws(FilterError) -> Double {
    guard let sigma = Double(text), sigma >= 0.1, sigma <= 100 else {
      throw .badArgument("\(name) sigma \(text): give a number from 0.1 to 100")
    }
    return sigma
  }

  /// Roberts, “Machine perception of three-dimensional solids”, 1963.
  public static let roberts = Filter(
    "roberts", summary: "gradient with the Roberts cross operator",
    kernel: "√((1 0 / 0 -1)² + (0 1 / -1 0)²)", range: "below 361"
  ) { _ in .own(EdgeOperator(kind: .roberts)) }

  /// Kirsch, “Computer determination of the constituent structure of biological images”, 1971.
  public static let kirsch = Filter(
    "kirsch", summary: "gradient with the Kirsch compass operator, strongest of 8 directions",
    kernel: "max of 5 5 5 / -3 0 -3 / -3 -3 -3, turned", range: "0…3825"
  ) { _ in .own(EdgeOperator(kind: .kirsch)) }
}

extension Filter.Modifier {
  static let zeroCrossings = Filter.Modifier(
    "zero-crossings", "T",
    "LoG: white where its sign changes by more than T, black elsewhere")
}
