import Images

/// How much is read ahead: about a mebibyte a strip, however wide the rows are.
package struct StripSize {
  /// Strips that are held.
  package let strips: Int
  /// Rows of a strip.
  package let rows: Int
  /// Bytes of a strip.
  package let stripBytes: Int

  /// A row of more bytes than this is not worth holding several times.
  private static let largeRowBytes = 4 << 20

  package init(_ layout: PixelLayout, rows: Int, strips: Int) {
    let bytesPerRow = max(layout.bytesPerRow, 1)
    self.rows = max(1, min(rows, layout.height, (1 << 20) / bytesPerRow))
    let isOneEnough = layout.height <= self.rows || bytesPerRow > Self.largeRowBytes
    self.strips = isOneEnough ? 1 : max(2, strips)
    stripBytes = self.rows * bytesPerRow
  }
}
