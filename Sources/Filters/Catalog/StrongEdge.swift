extension Filter {
  /// strong horizontal edges, where it gets brighter downwards
  public static let strongEdge = Filter(
    "strong-edge", .kernel([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    summary: "strong horizontal edges, where it gets brighter downwards")
}
