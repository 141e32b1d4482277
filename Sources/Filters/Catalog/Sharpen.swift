extension Filter {
  /// sharpen with the 4-neighbor Laplacian
  public static let sharpen = Filter(
    "sharpen", .kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    summary: "sharpen with the 4-neighbor Laplacian")
}
