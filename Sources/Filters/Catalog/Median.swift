extension Filter {
  /// The middle one of the samples under a window.
  public static let median = Filter(
    "median", "N", "side of the square window in pixels, odd, up to \(Median.largestSize)",
    summary: "median filter: removes specks and keeps edges", kernel: "median of N × N",
    example: "5"
  ) { argument throws(FilterError) in
    guard let size = Int(argument), size % 2 == 1, (1...Median.largestSize).contains(size) else {
      throw .badArgument(
        "median size \(argument): give an odd number from 1 to \(Median.largestSize)")
    }
    return .own(Median(size: size))
  }
}
