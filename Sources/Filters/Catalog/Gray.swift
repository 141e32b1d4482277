extension Filter {
  /// ITU-R BT.601 luma of the samples as stored; alpha stays.
  public static let gray = Filter("gray", .gray, summary: "convert to grayscale (Rec. 601 luma)")
}
