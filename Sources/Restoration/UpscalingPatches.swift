import Datasets
import Images
import Tensors

/// Parts of photographs as examples for an upscaler: the input `image`, 4 × side × side, a part made small
/// by antialiased bicubic resampling, rounded to 8 bits; `target`, 3 × scale·side × scale·side, the part
/// itself. Both are luma and chroma; the fourth plane of `image` says how clean it is.
///
/// Photographs are JPEGs, and a network that learned from clean pixels alone sharpens their blocks: some of
/// the small parts are compressed, with 4:2:0, and say so.
package struct UpscalingPatches: ImageExampleSource {
  package let images: Dataset
  let scale: Int
  /// The side of the small parts, in pixels.
  let side: Int
  /// The fraction of parts that are compressed.
  let jpegShare: Float
  /// Of those.
  let qualities: ClosedRange<Int>

  package static let image = "image"
  package static let target = "target"

  package init(
    images: Dataset, scale: Int, side: Int, jpegShare: Float, qualities: ClosedRange<Int>
  ) {
    self.images = images
    self.scale = scale
    self.side = side
    self.jpegShare = jpegShare
    self.qualities = qualities
  }

  /// Pixels around a small part, so that the blocks of a JPEG lie anywhere in it.
  private static let margin = 10

  package func slots(bucket: Int) -> [ExampleSlot] {
    [
      ExampleSlot(Self.image, [4, side, side]),
      ExampleSlot(Self.target, [3, scale * side, scale * side]),
    ]
  }

  package func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    do throws(ImageError) {
      let large = try images.image(at: index).flattened(channels: 3)
      let (width, height) = (large.width / scale, large.height / scale)
      guard min(width, height) >= side else {
        throw .invalidRequest("is smaller than \(scale * side) × \(scale * side) pixels")
      }
      // The part and what is around it, as far as the image goes.
      let (w, h) = (min(width, side + 2 * Self.margin), min(height, side + 2 * Self.margin))
      var (left, top) = ((width - w) / 2, (height - h) / 2)
      var (x, y, symmetry) = ((w - side) / 2, (h - side) / 2, 0)
      var quality: Int?
      if var random {
        (left, top) = (random.integer(below: width - w + 1), random.integer(below: height - h + 1))
        (x, y) = (random.integer(below: w - side + 1), random.integer(below: h - side + 1))
        symmetry = random.integer(below: 8)
        if random.uniform() < jpegShare {
          quality = qualities.lowerBound + random.integer(below: qualities.count)
        }
      }
      let part = try large.cropped(
        x: scale * left, y: scale * top, width: scale * w, height: scale * h)
      var small = try part.resized(width: w, height: h, .cubic)
      if let quality { small = try small.throughJPEG(quality: quality) }

      let (input, target) = (places.floats(Self.image), places.floats(Self.target))
      Self.write(Patch(image: small, x: x, y: y, side: side, symmetry: symmetry), to: input)
      let area = side * side
      input[(3 * area)..<(4 * area)].update(
        repeating: quality.map(Cleanness.ofJPEG) ?? Cleanness.clean)
      Self.write(
        Patch(
          image: part, x: scale * x, y: scale * y, side: scale * side, symmetry: symmetry),
        to: target)
    } catch { throw UnreadableExample(error.reason) }
  }

  private static func write(_ patch: Patch, to planes: UnsafeMutableBufferPointer<Float>) {
    let area = patch.side * patch.side
    patch.forEachPixel { place, red, green, blue in
      let color = LumaChroma.from(red: red, green: green, blue: blue)
      planes[place] = color.y
      planes[area + place] = color.cb
      planes[2 * area + place] = color.cr
    }
  }
}

/// What an upscaler is told of how clean an image is: 1 for one that was never compressed.
package enum Cleanness {
  package static let clean: Float = 1

  /// - Parameter quality: that of libjpeg, 1…100.
  package static func ofJPEG(quality: Int) -> Float { Float(quality) / 100 }
}
