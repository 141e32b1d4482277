/// Loops that weigh the rows and pixels of an image together for another size.
package struct ResampleLoops: Sendable {
  /// `output[x] = Σ weights[t] · rows[t][x]`, summed in steps of four taps from the first to the last.
  package typealias Down<Sample> =
    @Sendable (
      _ rows: UnsafePointer<UnsafePointer<Sample>>, _ weights: UnsafePointer<Float>, _ taps: Int,
      _ count: Int, _ output: UnsafeMutablePointer<Float>
    ) -> Void
  /// Each pixel of `output` from those of `line`, the first at `first[x]`, weighed with the `pitch`
  /// weights that are its own; those beyond the image are 0, and the line has as many finite numbers
  /// behind its end as may be read with them.
  package typealias Across =
    @Sendable (
      _ line: UnsafePointer<Float>, _ first: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>,
      _ pitch: Int, _ width: Int, _ output: UnsafeMutablePointer<Float>
    ) -> Void
  /// Pixels of colors and alpha as floats, colors multiplied by alpha where `full` is opaque, alpha as
  /// it is.
  package typealias Premultiply<Sample> =
    @Sendable (
      _ pixels: UnsafePointer<Sample>, _ channels: Int, _ width: Int, _ full: Float,
      _ output: UnsafeMutablePointer<Float>
    ) -> Void
  /// Numbers rounded half to even and clamped; with `channels` 2 or 4, colors are divided by alpha
  /// first (0 where alpha is not above 0).
  package typealias Store<Sample> =
    @Sendable (
      _ numbers: UnsafeMutablePointer<Float>, _ channels: Int, _ width: Int,
      _ output: UnsafeMutablePointer<Sample>
    ) -> Void
  /// Half of two rows: `(a + b + c + d + 2) / 4` of each square of four pixels.
  package typealias Halve =
    @Sendable (
      _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ channels: Int, _ width: Int,
      _ output: UnsafeMutablePointer<UInt8>
    ) -> Void

  package var downUInt8: Down<UInt8>
  package var downUInt16: Down<UInt16>
  package var downFloat: Down<Float>
  /// For 1, 2, 3 and 4 channels. The pitch for one channel is a multiple of ``acrossBlock``.
  package var across: @Sendable (_ channels: Int) -> Across
  package var premultiplyUInt8: Premultiply<UInt8>
  package var premultiplyUInt16: Premultiply<UInt16>
  package var premultiplyFloat: Premultiply<Float>
  package var storeUInt8: Store<UInt8>
  package var storeUInt16: Store<UInt16>
  package var storeFloat: Store<Float>
  package var halve: Halve

  /// How many weights of one channel are read at once.
  package static let acrossBlock = 8

  package init(
    downUInt8: @escaping Down<UInt8>, downUInt16: @escaping Down<UInt16>,
    downFloat: @escaping Down<Float>, across: @escaping @Sendable (_ channels: Int) -> Across,
    premultiplyUInt8: @escaping Premultiply<UInt8>,
    premultiplyUInt16: @escaping Premultiply<UInt16>,
    premultiplyFloat: @escaping Premultiply<Float>, storeUInt8: @escaping Store<UInt8>,
    storeUInt16: @escaping Store<UInt16>, storeFloat: @escaping Store<Float>,
    halve: @escaping Halve
  ) {
    self.downUInt8 = downUInt8
    self.downUInt16 = downUInt16
    self.downFloat = downFloat
    self.across = across
    self.premultiplyUInt8 = premultiplyUInt8
    self.premultiplyUInt16 = premultiplyUInt16
    self.premultiplyFloat = premultiplyFloat
    self.storeUInt8 = storeUInt8
    self.storeUInt16 = storeUInt16
    self.storeFloat = storeFloat
    self.halve = halve
  }
}
