extension Filter {
  /// 4-neighbor Laplacian
  public static let laplacian = Filter(
    "laplacian", .kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    summary: "4-neighbor Laplacian")
}
