import Foundation
import Images

/// A small picture whose samples differ from place to place.
func picture(
  width: Int = 12, height: Int = 9, channels: Int = 3, sample: SampleType = .uint8, seed: Int = 1
) -> Image {
  var image = Image(
    layout: PixelLayout(width: width, height: height, channels: channels, sample: sample))
  image.withUnsafeMutableBytes { bytes in
    for index in bytes.indices {
      bytes[index] = UInt8(truncatingIfNeeded: index &* 37 &* seed ^ index >> 3 &* 11)
    }
  }
  return image
}

extension Workspace {
  /// Writes a picture, as PNG unless the name ends in `jpg`.
  func write(_ image: Image, to path: String) throws {
    let format: ImageFormat = path.hasSuffix("jpg") ? .jpeg : .png
    try write(Data(image.encoded(WriteOptions(format: format))), to: path)
  }

  func image(_ path: String) throws -> Image {
    try Image(fileBytes: Array(try read(path)))
  }
}

extension Image {
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
