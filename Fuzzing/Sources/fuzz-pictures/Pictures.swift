import Images

/// Decodes strictly and leniently, whole and reduced; what was decoded has to survive a PNG.
func readPicture(_ bytes: [UInt8]) {
  let limits = Limits(maximumPixels: 1 << 20, maximumBytes: 64 << 20)
  for lenient in [false, true] {
    for side in [nil, 16] {
      let options = ReadOptions(limits: limits, lenient: lenient, sufficientSide: side)
      guard let image = try? Image(fileBytes: bytes, options: options) else { continue }
      guard image.layout.byteCount < 1 << 16, let png = try? image.encoded(),
        let again = try? Image(fileBytes: png)
      else { continue }
      precondition(again.layout == image.layout, "another layout")
      let same = again.withUnsafeBytes { first in
        image.withUnsafeBytes { first.elementsEqual($0) }
      }
      precondition(same, "other pixels")
    }
  }
}
