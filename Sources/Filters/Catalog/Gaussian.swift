extension Filter {
  /// Correlation with a sampled Gaussian.
  public static let gaussian = Filter(
    "gaussian", "SIGMA", "standard deviation in pixels",
    summary: "Gaussian blur, kernel truncated at 3 SIGMA",
    kernel: "exp(-(x² + y²) / 2 SIGMA²)", normalization: "weights sum to 1"
  ) { argument throws(FilterError) in
    guard let sigma = Double(argument), sigma > 0, sigma <= Operation.largestSigma else {
      throw .badArgument(
        "gaussian sigma \(argument): give a number above 0, up to \(Int(Operation.largestSigma))")
    }
    return .gaussian(sigma: sigma)
  }
}
