import Images

/// A mask as a file holds it.
struct MaskFile {
  let kind: MaskClasses.Kind
  /// 8 bits: numbers, one channel; or colors, three.
  let pixels: Image
  /// 0xRRGGBB of each number, where the file has a palette.
  let palette: [Int]

  /// - Throws: where the file is damaged, or holds more than 8 bits a sample.
  init(path: String) throws(ImageError) {
    let options = ReadOptions(keepsIndices: true)
    let reader = try ImageReader(path: path, options: options)
    guard reader.layout.sample == .uint8 else {
      throw .invalidRequest("is no mask: it has more than 8 bits a sample")
    }
    let bytes = reader.info.palette ?? []
    palette = (0..<bytes.count / 3).map { entry -> Int in
      bytes[3 * entry..<3 * entry + 3].reduce(0) { $0 << 8 | Int($1) }
    }
    kind = reader.layout.colorChannels == 1 ? .index : .color
    let whole = try Image(reader, options: options)
    pixels = whole.layout.hasAlpha ? whole.withoutAlpha : whole
  }

  /// What each pixel holds.
  func forEachValue(_ body: (_ place: Int, _ value: Int) -> Void) {
    pixels.withUnsafeBytes { bytes in
      if kind == .index {
        for (place, value) in bytes.enumerated() { body(place, Int(value)) }
        return
      }
      for place in 0..<bytes.count / 3 {
        let (red, green, blue) = (bytes[3 * place], bytes[3 * place + 1], bytes[3 * place + 2])
        body(place, Int(red) << 16 | Int(green) << 8 | Int(blue))
      }
    }
  }

  /// The class of each pixel, ``MaskClasses/none`` where it holds the value of none.
  func classes(_ classes: MaskClasses) throws(ImageError) -> Image {
    guard kind == classes.kind else {
      throw .invalidRequest(
        kind == .color
          ? "is a mask in colors, where the others hold numbers"
          : "is a mask of numbers, where the others are in colors")
    }
    let numbers = Dictionary(
      zip(classes.values, classes.values.indices.map { UInt8(truncatingIfNeeded: $0) }),
      uniquingKeysWith: { first, _ in first })
    var result = Image(
      layout: PixelLayout(width: pixels.width, height: pixels.height, channels: 1))
    result.withUnsafeMutableBytes { target in
      var last = (value: -1, number: MaskClasses.none)
      forEachValue { place, value in
        if value != last.value { last = (value, numbers[value] ?? MaskClasses.none) }
        target[place] = last.number
      }
    }
    return result
  }
}

extension Image {
  /// The colors as they are, whatever the alpha.
  fileprivate var withoutAlpha: Image {
    let colors = layout.colorChannels
    var result = Image(
      layout: PixelLayout(width: width, height: height, channels: colors, sample: .uint8))
    withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        for pixel in 0..<width * height {
          for color in 0..<colors {
            target[pixel * colors + color] = source[pixel * (colors + 1) + color]
          }
        }
      }
    }
    return result
  }
}
