extension Filter {
  /// The largest sample of each window.
  public static let maxPool = pool("max-pool", .max, summary: "the largest sample of each window")
  /// The mean of each window.
  public static let averagePool = pool(
    "average-pool", .average, summary: "the mean of each window", normalization: "1/area")
  /// The sum of each window.
  public static let sumPool = pool(
    "sum-pool", .sum, summary: "the sum of each window", range: "0…255 · area")

  private static func pool(
    _ name: String, _ pooling: Pooling, summary: String, normalization: String = "none",
    range: String = "0…255"
  ) -> Filter {
    Filter(
      name, "N", "window in pixels, N or WxH; the stride is the same unless given",
      summary: summary, kernel: "\(pooling.rawValue) of N × N", normalization: normalization,
      range: range
    ) { argument throws(FilterError) in
      let sides = argument.split(separator: "x", maxSplits: 1, omittingEmptySubsequences: false)
      let width = try wholeNumber(
        String(sides.first ?? ""), "pooling window", upTo: Operation.largestWindow)
      let height =
        sides.count == 1
        ? width
        : try wholeNumber(String(sides[1]), "pooling window", upTo: Operation.largestWindow)
      return .pool(pooling, width: width, height: height)
    }
  }
}
