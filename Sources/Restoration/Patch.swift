import Images
import Tensors

/// A square part of an image in 8-bit RGB, turned or mirrored, as planes of floats 0…1.
struct Patch {
  let image: Image
  let x: Int
  let y: Int
  let side: Int
  /// One of the eight symmetries of a square: 1 mirrors, 2 flips, 4 transposes.
  let symmetry: Int

  /// Calls `body` with each place of the patch, row by row, and its color.
  ///
  /// - Precondition: the image is 8-bit RGB and holds the patch.
  func forEachPixel(_ body: (_ place: Int, _ red: Float, _ green: Float, _ blue: Float) -> Void) {
    precondition(
      image.layout.channels == 3 && image.layout.sample == .uint8 && x >= 0 && y >= 0
        && x + side <= image.width && y + side <= image.height)
    image.withUnsafeBytes { bytes in
      for row in 0..<side {
        for column in 0..<side {
          var (u, v) = symmetry & 4 == 0 ? (column, row) : (row, column)
          if symmetry & 1 != 0 { u = side - 1 - u }
          if symmetry & 2 != 0 { v = side - 1 - v }
          let place = 3 * ((y + v) * image.width + x + u)
          body(
            row * side + column, Float(bytes[place]) / 255, Float(bytes[place + 1]) / 255,
            Float(bytes[place + 2]) / 255)
        }
      }
    }
  }

  /// Writes the patch to the first planes, as it would be in 8 bits.
  ///
  /// - Parameter colors: 1 gray, 3 RGB.
  func write(to planes: UnsafeMutableBufferPointer<Float>, colors: Int) {
    let area = side * side
    forEachPixel { place, red, green, blue in
      if colors == 1 {
        planes[place] = ((0.299 * red + 0.587 * green + 0.114 * blue) * 255).rounded() / 255
      } else {
        planes[place] = red
        planes[area + place] = green
        planes[2 * area + place] = blue
      }
    }
  }
}

extension Image {
  /// The image as a JPEG of a quality with 4:2:0 brings it back.
  func throughJPEG(quality: Int) throws(ImageError) -> Image {
    let bytes = try encoded(
      WriteOptions(format: .jpeg, quality: quality, subsampling: .quarter))
    return try Image(fileBytes: bytes).flattened(channels: layout.channels)
  }
}
