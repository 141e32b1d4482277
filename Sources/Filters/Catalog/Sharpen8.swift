extension Filter {
  /// sharpens against all eight neighbours
  public static let sharpen8 = Filter(
    "sharpen8", .kernel([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]),
    summary: "sharpens against all eight neighbours")
}
