import Images
import TestSupport

/// An 8-bit picture whose samples `value` gives.
func picture(
  _ width: Int, _ height: Int, channels: Int = 3, value: (_ x: Int, _ y: Int, _ c: Int) -> UInt8
) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width { for c in 0..<channels { bytes.append(value(x, y, c)) } }
  }
  return Image(
    layout: PixelLayout(width: width, height: height, channels: channels), bytes: bytes)
}

/// A picture with another value in almost every sample.
func pattern(_ width: Int, _ height: Int, channels: Int = 3, seed: Int = 0) -> Image {
  picture(width, height, channels: channels) { x, y, c in
    UInt8(truncatingIfNeeded: (x * 31 + y * 57 + c * 101 + seed * 73) * 7)
  }
}

func samples(_ image: Image) -> [UInt8] { image.withUnsafeBytes { Array($0) } }

/// A PNG file's bytes.
func png(_ image: Image) throws -> [UInt8] { try image.encoded(WriteOptions(format: .png)) }
