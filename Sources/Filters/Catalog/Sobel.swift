extension Filter {
  /// Sobel and Feldman, “An isotropic 3 × 3 image gradient operator”, 1968.
  public static let sobel = Filter(
    "sobel", .gradient(smooth: [1, 2, 1], derive: [1, 0, -1]),
    summary: "gradient with the Sobel operator")
}
