extension Filter {
  /// second derivative over the four neighbours
  public static let laplacian = Filter(
    "laplacian", .kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    summary: "second derivative over the four neighbours")
}
