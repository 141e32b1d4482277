extension Filter {
  /// sharpens against the four neighbours
  public static let sharpen = Filter(
    "sharpen", .kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    summary: "sharpens against the four neighbours")
}
