extension Filter {
  /// The largest sample of each window.
  public static let maxPool = pool("max-pool", .max, summary: "max pooling")
  /// The mean of each window.
  public static let averagePool = pool(
    "average-pool", .average, summary: "average pooling", normalization: "1/area")
  /// The sum of each window.
  public static let sumPool = pool(
    "sum-pool", .sum, summary: "sum pooling", range: "0…255 · area")

  private static func pool(
    _ name: String, _ pooling: Pooling, summary: String, normalization: String = "none",
    range: String = "0…255"
  ) -> Filter {
    Filter(
      name, "W[xH]", "window in pixels, square without H; the stride is the same unless given",
      summary: summary, kernel: "\(pooling.rawValue) of W × H", normalization: normalization,
      range: range
    ) { argument throws(FilterError) in
      let sides = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      let limits = 1...Operation.largestWindow
      guard sides.count <= 2, let width = sides[0], let height = sides[sides.count - 1],
        limits.contains(width), limits.contains(height)
      else {
        throw .badArgument(
          "pooling window \(argument): give W or WxH, whole numbers from 1 to \(limits.upperBound)")
      }
      return .pool(pooling, width: width, height: height)
    }
  }
}
