extension FileBytes {
  /// The color table that stands here where its flags say so.
  mutating func colorTable(_ flags: Int, _ what: String) throws(ImageError) -> ArraySlice<UInt8> {
    flags & 0x80 == 0 ? [] : try take(3 << (flags & 7 + 1), what)
  }

  /// Passes over blocks up to the empty one; false where the file ends before it.
  mutating func skipBlocks() -> Bool {
    while let length = number(at: position, 1) {
      position += 1 + length
      if length == 0 { return true }
    }
    return false
  }
}
