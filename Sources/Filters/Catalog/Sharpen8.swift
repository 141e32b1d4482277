extension Filter {
  /// sharpen with the 8-neighbor Laplacian
  public static let sharpen8 = Filter(
    "sharpen8", .kernel([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]),
    summary: "sharpen with the 8-neighbor Laplacian")
}
