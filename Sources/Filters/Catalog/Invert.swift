extension Filter {
  /// The negative: black becomes white. Alpha stays.
  public static let invert = Filter(
    "invert", summary: "the negative: black becomes white", kernel: "255 − x"
  ) { _ in
    .own(PointMap("invert") { sample, white in white - sample })
  }
}
