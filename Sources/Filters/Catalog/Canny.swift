extension Filter {
  /// Edges one pixel wide.
  public static let canny = Filter(
    "canny",
    Parameter("LOW,HIGH", "thresholds on the gradient, in sample units", example: "50,150"),
    modifiers: [.aperture, .l2], summary: "Canny edge detector: connected edges, one pixel wide",
    kernel: "Sobel, non-maximum suppression, hysteresis", range: "0 or 255"
  ) { arguments throws(FilterError) in
    let parts = arguments.value.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let low = Double(parts[0]), let high = Double(parts[1]),
      low >= 0, high >= 0, low <= 1e9, high <= 1e9
    else {
      throw .badArgument(
        "canny \(arguments.value): give LOW,HIGH, two numbers from 0, as 50,150")
    }
    let aperture = try arguments.whole(.aperture, in: 3...7) ?? 3
    guard aperture % 2 == 1 else { throw .badArgument("aperture \(aperture): give 3, 5 or 7") }
    return .own(
      Canny(low: low, high: high, aperture: aperture, isEuclidean: arguments[.l2] != nil))
  }
}

extension Filter.Modifier {
  static let aperture = Filter.Modifier(
    "aperture", "N", "Canny: side of the Sobel kernels, 3 (default), 5 or 7",
    values: ["3", "5", "7"])
  static let l2 = Filter.Modifier(
    "l2", nil, "Canny: gradient length √(x² + y²) instead of |x| + |y|")
}
