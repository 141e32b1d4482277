import Files

/// The images of an animated PNG (*Portable Network Graphics Specification (Third Edition)*, W3C 2025,
/// §11.3.6), each as a PNG of its own.
enum APNGParts {
  static func parts(
    of file: [UInt8]
  ) throws(ImageError) -> (canvas: (width: Int, height: Int), parts: [AnimationFrames.Part]) {
    var header: [UInt8] = []
    // What colors mean; they stand before all pixels.
    var shared: [(type: String, data: [UInt8])] = []
    var parts: [AnimationFrames.Part] = []
    var data: [UInt8] = []
    var hasControl = false
    func close() throws(ImageError) {
      guard hasControl, !parts.isEmpty else { return }
      let last = parts.count - 1
      parts[last].file = try png(header, shared, parts[last].width, parts[last].height, data)
      data = []
    }
    var start = PNGHeader.signature.count
    chunks: while start + 12 <= file.count {
      let end = start + 8 + Int(bigEndian32(file, at: start))
      guard end + 4 <= file.count else { throw .truncated("an animation's chunk") }
      let body = start + 8..<end
      switch String(decoding: file[start + 4..<start + 8], as: UTF8.self) {
      case "IHDR" where body.count == 13: header = Array(file[body])
      case "PLTE": shared.append(("PLTE", Array(file[body])))
      case "tRNS": shared.append(("tRNS", Array(file[body])))
      case "fcTL" where body.count == 26:
        try close()
        hasControl = true
        parts.append(Self.part(file, at: start + 8))
      // The default image is one of the animation where it is told how to show it.
      case "IDAT": if hasControl { data += file[body] }
      case "fdAT" where body.count >= 4: data += file[body].dropFirst(4)
      case "IEND": break chunks
      default: break
      }
      start = end + 4
    }
    try close()
    guard header.count == 13, !parts.isEmpty else {
      throw .unsupported("a PNG without animation")
    }
    return (
      (Int(bigEndian32(header, at: 0)), Int(bigEndian32(header, at: 4))), parts
    )
  }

  private static func part(_ file: [UInt8], at start: Int) -> AnimationFrames.Part {
    func number(_ place: Int) -> Int { Int(bigEndian32(file, at: start + place)) }
    return AnimationFrames.Part(
      file: [], x: number(12), y: number(16), width: number(4), height: number(8),
      disposal: [.stays, .isCleared, .isRestored][min(Int(file[start + 24]), 2)],
      isBlended: file[start + 25] == 1)
  }

  /// A PNG of one image's compressed rows.
  private static func png(
    _ header: [UInt8], _ shared: [(type: String, data: [UInt8])], _ width: Int, _ height: Int,
    _ data: [UInt8]
  ) throws(ImageError) -> [UInt8] {
    guard header.count == 13, let across = UInt32(exactly: width),
      let down = UInt32(exactly: height)
    else { throw .corrupt("an animation without a header") }
    let sink = MemorySink()
    try withImageErrors(try sink.write(PNGHeader.signature))
    try sink.writeChunk("IHDR", bigEndianBytes(across) + bigEndianBytes(down) + header[8...])
    for chunk in shared { try sink.writeChunk(chunk.type, chunk.data) }
    try sink.writeChunk("IDAT", data)
    try sink.writeChunk("IEND", [])
    return sink.bytes
  }
}
