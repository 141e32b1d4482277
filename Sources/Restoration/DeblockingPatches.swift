import Datasets
import Images
import Tensors

/// Parts that were compressed with JPEG; the network is told how clean they are.
///
/// Half of the qualities are 5…40, where there is most to be removed, half 40…95. Blocks lie anywhere.
package struct DeblockingPatches: CleaningPatches {
  package let images: Dataset
  package let colors: Int
  package let side: Int

  package init(images: Dataset, colors: Int, side: Int) {
    self.images = images
    self.colors = colors
    self.side = side
  }

  /// Pixels around a part that are compressed with it: as many as a block of chroma has.
  private static let margin = 16
  private static let qualities = [5...40, 40...95]
  /// The quality that epochs are measured with.
  private static let measuredQuality = 10

  package func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    do throws(ImageError) {
      let whole = try photograph(at: index)
      let (w, h) = (
        min(whole.width, side + Self.margin), min(whole.height, side + Self.margin)
      )
      var (left, top) = ((whole.width - w) / 2, (whole.height - h) / 2)
      var (x, y, symmetry) = ((w - side) / 2, (h - side) / 2, 0)
      var quality = Self.measuredQuality
      if var random {
        left = random.integer(below: whole.width - w + 1)
        top = random.integer(below: whole.height - h + 1)
        x = random.integer(below: w - side + 1)
        y = random.integer(below: h - side + 1)
        symmetry = random.integer(below: 8)
        let range = Self.qualities[random.integer(below: 2)]
        quality = range.lowerBound + random.integer(below: range.count)
      }
      let part = try whole.cropped(x: left, y: top, width: w, height: h)
        .flattened(channels: colors)
      let compressed = try part.throughJPEG(quality: quality)
      for (image, slot) in [
        (compressed, Self.image), (part, Self.target),
      ] {
        Patch(
          image: image.flattened(channels: 3), x: x, y: y, side: side, symmetry: symmetry
        ).write(to: places.floats(slot), colors: colors)
      }
      places.floats(Self.image).extracting((colors * side * side)...)
        .update(repeating: Cleanness.ofJPEG(quality: quality))
    } catch { throw UnreadableExample(error.reason) }
  }
}
