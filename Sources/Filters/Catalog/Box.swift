extension Filter {
  /// The mean of a square window.
  public static let box = Filter(
    "box", "N", "side of the square window in pixels",
    summary: "box blur over an N × N window",
    kernel: "1/N² × ones (N × N)", normalization: "1/N²"
  ) { argument throws(FilterError) in
    guard let size = Int(argument), (1...Operation.largestWindow).contains(size) else {
      throw .badArgument(
        "box size \(argument): give a whole number from 1 to \(Operation.largestWindow)")
    }
    return .box(size: size)
  }
}
