import Images

/// The rows of an 8-bit image and, above and below it, the rows that the border puts there.
struct BorderRows {
  private let height: Int
  private let border: Border
  private let constant: Scratch<UInt8>
  /// The constant border's sample; 0 for other borders.
  let value: UInt8

  init(_ layout: PixelLayout, _ border: Border) {
    height = layout.height
    self.border = border
    if case .constant(let wanted) = border {
      value = UInt8(min(max(wanted.rounded(.toNearestOrEven), 0), 255))
    } else {
      value = 0
    }
    constant = Scratch(layout.samplesPerRow, filledWith: value)
  }

  /// A row, counted from the image's first.
  func row(_ row: Int, from input: InputRows) -> UnsafePointer<UInt8> {
    // Only a constant border has rows without a source.
    border.source(of: row, count: height).map { input.samples($0, as: UInt8.self) }
      ?? UnsafePointer(constant.start)
  }
}
