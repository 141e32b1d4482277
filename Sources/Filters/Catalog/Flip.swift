extension Filter {
  /// The image upside down.
  public static let flip = Filter(
    "flip", summary: "upside down: the top row becomes the last",
    kernel: "the pixel at x, H − 1 − y"
  ) { _ in .own(Turn(.flipped)) }

  /// The mirrored image.
  public static let flop = Filter(
    "flop", summary: "mirrored: the left column becomes the last",
    kernel: "the pixel at W − 1 − x, y"
  ) { _ in .own(Turn(.mirrored)) }

  /// Rows and columns in each other's place.
  public static let transpose = Filter(
    "transpose", summary: "mirrored at the diagonal: rows become columns",
    kernel: "the pixel at y, x"
  ) { _ in .own(Turn(.transposed)) }
}
