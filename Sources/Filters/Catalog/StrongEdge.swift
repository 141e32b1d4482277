extension Filter {
  /// Sobel y derivative, positive where brightness increases downwards
  public static let strongEdge = Filter(
    "strong-edge", .kernel([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    summary: "Sobel y derivative, positive where brightness increases downwards")
}
