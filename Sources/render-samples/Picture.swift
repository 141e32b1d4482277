import Images

/// A rendered picture: red, green, blue and alpha of each pixel in 0…1, rows from the top.
struct Picture {
  private let pixels: [SIMD4<Double>]
  private let width: Int

  init(_ pixels: [SIMD4<Double>], width: Int) {
    self.pixels = pixels
    self.width = width
  }

  /// Red, green and blue in 8 or 16 bits.
  func rgb(bits: Int) -> Image {
    image(channels: 3, sample: bits == 16 ? .uint16 : .uint8) { [$0.x, $0.y, $0.z] }
  }

  /// Red, green, blue and alpha in 8 bits.
  func rgba() -> Image {
    image(channels: 4, sample: .uint8) { [$0.x, $0.y, $0.z, $0.w] }
  }

  /// Luma (ITU-R BT.601) in 8 bits.
  func gray() -> Image {
    image(channels: 1, sample: .uint8) { [0.299 * $0.x + 0.587 * $0.y + 0.114 * $0.z] }
  }

  private func image(
    channels: Int, sample: SampleType, samples: (SIMD4<Double>) -> [Double]
  ) -> Image {
    let layout = PixelLayout(
      width: width, height: pixels.count / width, channels: channels, sample: sample)
    var image = Image(layout: layout)
    image.withUnsafeMutableBytes { bytes in
      for (index, value) in pixels.lazy.flatMap(samples).enumerated() {
        let value = min(max(value, 0), 1)
        switch sample {
        case .uint16:
          bytes.storeBytes(
            of: UInt16((value * 65_535).rounded()), toByteOffset: 2 * index, as: UInt16.self)
        default: bytes[index] = UInt8((value * 255).rounded())
        }
      }
    }
    return image
  }
}
