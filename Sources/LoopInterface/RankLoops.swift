/// Loops that take the median of windows.
package struct RankLoops: Sendable {
  /// The median of 3 × 3 windows; rows and `step` as in ``WindowLoops``.
  package typealias Window<Sample> =
    @Sendable (
      _ above: UnsafePointer<Sample>, _ middle: UnsafePointer<Sample>,
      _ below: UnsafePointer<Sample>, _ step: Int, _ count: Int,
      _ output: UnsafeMutablePointer<Sample>
    ) -> Void
  /// The median of 5 × 5 windows in a tile of `width` ≤ ``tileLength`` samples and `height` rows, an
  /// even number. `rows` are `height` + 4 rows that point at the center of the first window.
  package typealias Tile<Sample> =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Sample>>, _ height: Int, _ step: Int, _ width: Int,
      _ outputs: UnsafePointer<UnsafeMutablePointer<Sample>>
    ) -> Void

  /// Samples of a tile's row.
  package static let tileLength = 512

  package var median3UInt8: Window<UInt8>
  package var median3UInt16: Window<UInt16>
  package var median3Float: Window<Float>
  package var median5UInt8: Tile<UInt8>
  package var median5UInt16: Tile<UInt16>
  package var median5Float: Tile<Float>
  /// The median of windows of any odd size up to 255 in a tile of one channel.
  package var medianOfTile: @Sendable (_ tile: RankTile) -> Void

  package init(
    median3UInt8: @escaping Window<UInt8>, median3UInt16: @escaping Window<UInt16>,
    median3Float: @escaping Window<Float>, median5UInt8: @escaping Tile<UInt8>,
    median5UInt16: @escaping Tile<UInt16>, median5Float: @escaping Tile<Float>,
    medianOfTile: @escaping @Sendable (RankTile) -> Void
  ) {
    self.median3UInt8 = median3UInt8
    self.median3UInt16 = median3UInt16
    self.median3Float = median3Float
    self.median5UInt8 = median5UInt8
    self.median5UInt16 = median5UInt16
    self.median5Float = median5Float
    self.medianOfTile = medianOfTile
  }
}

/// A tile of 8-bit samples of one channel, with what lies around it under its windows. Its rows take
/// ``columns`` bytes, whatever is used of them.
package struct RankTile {
  /// The side of the window: odd, 7 to 255.
  package var size: Int
  /// Rows of results.
  package var height: Int
  /// `height` + `size` − 1 rows, one behind the other.
  package var samples: UnsafePointer<UInt8>
  /// `height` rows of results, one behind the other.
  package var results: UnsafeMutablePointer<UInt8>
  /// Columns of samples that count: the results' and `size` − 1 more.
  package var usedColumns: Int

  package init(
    size: Int, height: Int, usedColumns: Int, samples: UnsafePointer<UInt8>,
    results: UnsafeMutablePointer<UInt8>
  ) {
    self.size = size
    self.height = height
    self.usedColumns = usedColumns
    self.samples = samples
    self.results = results
  }

  /// Bytes of a row.
  package var columns: Int { Self.columns(for: size) }
  /// Medians in a row of results.
  package var width: Int { usedColumns - size + 1 }

  /// Windows of up to 15 × 15 samples are counted in bytes.
  package static func columns(for size: Int) -> Int { size <= 15 ? 256 : 512 }
  /// Results that fit a row.
  package static func width(for size: Int) -> Int { columns(for: size) - size + 1 }
}
