extension Filter {
  /// the image as it is
  public static let identity = Filter(
    "identity", .kernel([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    summary: "the image as it is")
}
