extension Filter {
  /// 8-neighbor Laplacian
  public static let edge8 = Filter(
    "edge8", .kernel([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    summary: "8-neighbor Laplacian")
}
