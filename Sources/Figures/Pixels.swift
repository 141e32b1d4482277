import Images

extension Image {
  /// Writes the pixels as Cairo keeps them: native-endian 0xAARRGGBB, colors multiplied by alpha.
  ///
  /// `base` must hold `height` rows of `bytesPerRow` ≥ 4 × `width` bytes.
  func writePremultipliedARGB(to base: UnsafeMutableRawPointer, bytesPerRow: Int) {
    withUnsafeBytes { bytes in
      switch layout.sample {
      case .uint8:
        write(to: base, bytesPerRow) { bytes[$0] }
      case .uint16:
        write(to: base, bytesPerRow) { index in
          narrow(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        }
      case .float32:
        write(to: base, bytesPerRow) { index in
          byte(Double(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)))
        }
      }
    }
  }

  @inline(__always)
  private func write(
    to base: UnsafeMutableRawPointer, _ bytesPerRow: Int, sample: (Int) -> UInt8
  ) {
    let second = layout.colorChannels == 3 ? 1 : 0
    var first = 0
    for row in 0..<height {
      let line = base + row * bytesPerRow
      for column in 0..<width {
        let alpha = layout.hasAlpha ? UInt32(sample(first + channels - 1)) : 255
        let red = (UInt32(sample(first)) * alpha + 127) / 255
        let green = (UInt32(sample(first + second)) * alpha + 127) / 255
        let blue = (UInt32(sample(first + 2 * second)) * alpha + 127) / 255
        line.storeBytes(
          of: alpha << 24 | red << 16 | green << 8 | blue, toByteOffset: 4 * column,
          as: UInt32.self)
        first += channels
      }
    }
  }

  /// An 8-bit RGB image whose pixels `color` gives.
  init(width: Int, height: Int, color: (_ x: Int, _ y: Int) -> Color) {
    self.init(layout: PixelLayout(width: width, height: height, channels: 3))
    let (columns, rows) = (width, height)
    withUnsafeMutableBytes { bytes in
      var position = 0
      for y in 0..<rows {
        for x in 0..<columns {
          let color = color(x, y)
          bytes[position] = byte(color.red)
          bytes[position + 1] = byte(color.green)
          bytes[position + 2] = byte(color.blue)
          position += 3
        }
      }
    }
  }
}

/// 0…1 as 0…255, rounded; values outside are clamped, what is not a number is 0.
private func byte(_ value: Double) -> UInt8 {
  value.isNaN ? 0 : UInt8((min(max(value, 0), 1) * 255).rounded())
}
