/// A 16-bit sample as 8 bits: v / 257, rounded to the nearest (as libpng's `png_set_scale_16`).
@inline(__always)
package func narrow(_ sample: UInt16) -> UInt8 {
  UInt8(truncatingIfNeeded: (UInt32(sample) &* 255 &+ 32895) &>> 16)
}

/// A sample over white: white + (v − white) × alpha / 255, rounded to the nearest.
@inline(__always)
func overWhite(_ sample: UInt8, alpha: UInt8) -> UInt8 {
  let sum = UInt32(sample) &* UInt32(alpha) &+ 255 &* UInt32(255 &- alpha) &+ 128
  return UInt8(truncatingIfNeeded: (sum &+ (sum &>> 8)) &>> 8)
}

/// Turns a row into 8 bits without alpha: 16-bit samples rounded, transparency laid over white.
///
/// Plain pointers, since it runs over every pixel: a row of `layout` is read, `width × colorChannels`
/// bytes are written.
func flattenRow(
  _ row: UnsafeRawPointer, _ layout: PixelLayout, into output: UnsafeMutablePointer<UInt8>
) {
  @inline(__always) func sample(_ i: Int) -> UInt8 {
    layout.sample == .uint16
      ? narrow(row.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self))
      : row.load(fromByteOffset: i, as: UInt8.self)
  }
  let colors = layout.colorChannels
  if layout.hasAlpha {
    for x in 0..<layout.width {
      let alpha = sample(layout.channels &* x &+ colors)
      for c in 0..<colors {
        output[colors &* x &+ c] = overWhite(sample(layout.channels &* x &+ c), alpha: alpha)
      }
    }
  } else {
    for i in 0..<layout.samplesPerRow { output[i] = sample(i) }
  }
}
