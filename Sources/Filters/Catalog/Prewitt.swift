extension Filter {
  /// Prewitt, “Object enhancement and extraction”, 1970.
  public static let prewitt = Filter(
    "prewitt", .gradient(smooth: [1, 1, 1], derive: [1, 0, -1]),
    summary: "gradient with the Prewitt operator")
}
