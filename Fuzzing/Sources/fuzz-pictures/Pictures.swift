import Images

/// Decodes strictly and leniently, whole and reduced; what was decoded has to survive a PNG.
func readPicture(_ bytes: [UInt8]) {
  let limits = Limits(maximumPixels: 1 << 20, maximumBytes: 64 << 20)
  for lenient in [false, true] {
    for side in [nil, 16] {
      let options = ReadOptions(limits: limits, lenient: lenient, sufficientSide: side)
      guard let image = try? Image(fileBytes: bytes, options: options) else { continue }
      // What the file said beside its pixels is corrected and written; only the answer counts.
      for format in [ImageFormat.jpeg, .webp] where image.layout.byteCount < 1 << 12 {
        var options = WriteOptions(format: format)
        options.strip = lenient ? [.gps] : []
        _ = try? image.encoded(options)
      }
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
