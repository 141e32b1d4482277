/// One row of a max pool of windows that lie side by side, over images whose pixels are `lanes` channels.
package struct PoolRow: Sendable {
  /// The window's rows and columns.
  package var height, width: Int
  /// Windows in the row.
  package var count: Int
  /// Floats from one row of the image to the next.
  package var rowStride: Int
  /// Channels of a pixel.
  package var lanes: Int

  package init(height: Int, width: Int, count: Int, rowStride: Int, lanes: Int) {
    (self.height, self.width, self.count) = (height, width, count)
    (self.rowStride, self.lanes) = (rowStride, lanes)
  }

  /// What a place says where no element of the window is positive.
  package static let nowhere: UInt32 = 255

  /// Words of places for each channel: one holds four windows' places, a byte each.
  package var placeGroups: Int { (count + 3) / 4 }

  /// Floats of the image that the row's windows span.
  package var span: Int { count * width * lanes }
}

/// Max pooling of max(0, x), and its gradient.
package struct PoolLoops: Sendable {
  /// The larger of 0 and each window's elements, and which element that was: its number in
  /// row-major order, the first where several are equal. Not a number where an element is not.
  /// Places of four windows are a word, whose lowest byte is the first's; words of a group's channels
  /// lie together.
  package var maximum:
    @Sendable (
      _ maxima: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UInt32>,
      _ image: UnsafePointer<Float>, _ row: PoolRow
    ) -> Void
  /// Each gradient where its window's place says, 0 elsewhere in the windows.
  package var spread:
    @Sendable (
      _ image: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
      _ places: UnsafePointer<UInt32>, _ row: PoolRow
    ) -> Void

  package init(
    maximum:
      @escaping @Sendable (
        UnsafeMutablePointer<Float>, UnsafeMutablePointer<UInt32>, UnsafePointer<Float>, PoolRow
      ) -> Void,
    spread:
      @escaping @Sendable (
        UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<UInt32>, PoolRow
      ) -> Void
  ) {
    self.maximum = maximum
    self.spread = spread
  }
}
