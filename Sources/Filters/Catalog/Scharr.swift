extension Filter {
  /// Scharr, “Optimale Operatoren in der digitalen Bildverarbeitung”, 2000.
  public static let scharr = Filter(
    "scharr", .gradient(smooth: [3, 10, 3], derive: [1, 0, -1]),
    summary: "gradient with the Scharr operator (better rotational symmetry than Sobel)")
}
