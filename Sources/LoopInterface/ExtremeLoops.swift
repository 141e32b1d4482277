/// Loops that take the smallest or largest sample of several rows.
package struct ExtremeLoops: Sendable {
  /// `output[x]`: the extreme of `rows[r][x]` over the `rowCount` ≥ 1 rows.
  package typealias Rows<Sample> =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Sample>>, _ rowCount: Int, _ count: Int,
      _ output: UnsafeMutablePointer<Sample>
    ) -> Void

  package var minimumUInt8: Rows<UInt8>
  package var minimumUInt16: Rows<UInt16>
  package var minimumFloat: Rows<Float>
  package var maximumUInt8: Rows<UInt8>
  package var maximumUInt16: Rows<UInt16>
  package var maximumFloat: Rows<Float>

  package init(
    minimumUInt8: @escaping Rows<UInt8>, minimumUInt16: @escaping Rows<UInt16>,
    minimumFloat: @escaping Rows<Float>, maximumUInt8: @escaping Rows<UInt8>,
    maximumUInt16: @escaping Rows<UInt16>, maximumFloat: @escaping Rows<Float>
  ) {
    self.minimumUInt8 = minimumUInt8
    self.minimumUInt16 = minimumUInt16
    self.minimumFloat = minimumFloat
    self.maximumUInt8 = maximumUInt8
    self.maximumUInt16 = maximumUInt16
    self.maximumFloat = maximumFloat
  }
}
