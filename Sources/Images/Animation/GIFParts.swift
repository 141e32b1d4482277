import Files

/// The images of an animated GIF (*Graphics Interchange Format, Version 89a*, CompuServe 1990), each as a GIF
/// of its own.
enum GIFParts {
  private static let early = "the GIF's blocks"

  static func parts(
    of bytes: [UInt8]
  ) throws(ImageError) -> (canvas: (width: Int, height: Int), parts: [AnimationFrames.Part]) {
    var file = FileBytes(bytes, at: 6)
    let width = try file.number(2, early)
    let height = try file.number(2, early)
    let screen = try file.take(3, early)
    let globalColors = try file.colorTable(Int(screen.first ?? 0), early)
    var parts: [AnimationFrames.Part] = []
    // What stands before an image and holds for it alone.
    var control: ArraySlice<UInt8> = []
    scan: while let kind = file.number(at: file.position, 1) {
      let start = file.position
      file.position += 1
      switch kind {
      case 0x2C:
        let place = file.position
        let description = Array(try file.take(9, early))
        let localColors = try file.colorTable(Int(description[8]), early)
        let data = file.position
        _ = try file.take(1, early)
        // A file that ends within an image has those before it.
        guard file.skipBlocks() else { break scan }
        let flags = control.count == 8 ? Int(control[control.startIndex + 3]) : 0
        // The same image, on a screen of its own size.
        var own = Array(bytes[..<6])
        own += description[4..<8]
        own += screen
        own += globalColors
        own += control
        own += [0x2C, 0, 0, 0, 0]
        own += description[4...]
        own += localColors
        own += bytes[data..<file.position]
        own.append(0x3B)
        let disposals: [AnimationFrames.Part.Disposal] = [.stays, .stays, .isCleared, .isRestored]
        parts.append(
          AnimationFrames.Part(
            file: own, x: file.number(at: place, 2) ?? 0, y: file.number(at: place + 2, 2) ?? 0,
            width: file.number(at: place + 4, 2) ?? 0, height: file.number(at: place + 6, 2) ?? 0,
            disposal: disposals[min(flags >> 2 & 7, 3)]))
        control = []
      case 0x21:
        let label = file.number(at: file.position, 1)
        file.position += 1
        guard file.skipBlocks() else { break scan }
        if label == 0xF9 { control = bytes[start..<file.position] }
      default: break scan
      }
    }
    guard !parts.isEmpty else { throw .truncated(early) }
    return ((width, height), parts)
  }
}
