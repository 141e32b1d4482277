extension Filter {
  /// Every filter, in the order in which it is shown.
  public static let catalog: [Filter] = [
    identity, edge, edge8, laplacian, sharpen, sharpen8, strongEdge, blur, box, gaussian,
    prewitt, sobel, scharr, custom, maxPool, averagePool, sumPool, gray,
  ]

  /// The filter of that name.
  public static func named(_ name: String) -> Filter? { catalog.first { $0.name == name } }

  /// The whole number that an argument must be.
  static func wholeNumber(_ text: String, _ meaning: String, upTo limit: Int)
    throws(FilterError) -> Int
  {
    guard let number = Int(text), number >= 1, number <= limit else {
      throw .badArgument("\(meaning) \(text): give a whole number from 1 to \(limit)")
    }
    return number
  }
}

extension Operation {
  /// The largest side of a box or pooling window.
  public static let largestWindow = 65_535
  /// The largest standard deviation of a Gaussian.
  public static let largestSigma = 1_000.0
}
