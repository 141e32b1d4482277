extension Filter {
  /// diagonal edges
  public static let edge = Filter(
    "edge", .kernel([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    summary: "diagonal edges")
}
