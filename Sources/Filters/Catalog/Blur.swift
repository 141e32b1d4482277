extension Filter {
  /// light blur with the 3 × 3 binomial kernel
  public static let blur = Filter(
    "blur", .kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], scale: 1 / 16),
    summary: "light blur with the 3 × 3 binomial kernel")
}
