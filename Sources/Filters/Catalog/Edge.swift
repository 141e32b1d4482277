extension Filter {
  /// mixed second derivative (diagonal edges)
  public static let edge = Filter(
    "edge", .kernel([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    summary: "mixed second derivative (diagonal edges)")
}
