extension Filter {
  /// ITU-R BT.601 luma of the samples as stored; alpha stays.
  public static let gray = Filter("gray", .gray, summary: "one grey channel in place of colours")
}
