/// Luma and chroma of full range, each 0…1 or around 0, as JPEG has them (ITU-T T.871, §7, divided by 255).
///
/// Networks that enlarge take these: a gray image is luma with chroma 0, and stays gray.
package enum LumaChroma {
  @inline(__always)
  package static func from(red: Float, green: Float, blue: Float) -> (
    y: Float, cb: Float, cr: Float
  ) {
    let y = 0.299 * red + 0.587 * green + 0.114 * blue
    return (y, (blue - y) / 1.772, (red - y) / 1.402)
  }

  @inline(__always)
  package static func toRGB(y: Float, cb: Float, cr: Float) -> (
    red: Float, green: Float, blue: Float
  ) {
    let (red, blue) = (y + 1.402 * cr, y + 1.772 * cb)
    return (red, (y - 0.299 * red - 0.114 * blue) / 0.587, blue)
  }
}
