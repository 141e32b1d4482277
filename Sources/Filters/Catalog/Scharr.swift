extension Filter {
  /// Scharr, “Optimale Operatoren in der digitalen Bildverarbeitung”, 2000.
  public static let scharr = Filter(
    "scharr", .gradient(smooth: [3, 10, 3], derive: [1, 0, -1]),
    summary: "gradient by Scharr's operator, truer in direction than Sobel's")
}
