extension Filter {
  /// edges in all eight directions
  public static let edge8 = Filter(
    "edge8", .kernel([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    summary: "edges in all eight directions")
}
