import Datasets
import Images
import Tensors

/// Parts of photographs with noise as examples for a ``NoiseEstimator``: the input `image`, 1 × side × side, gray
/// or one color of a part, 0…1; `level`, the standard deviation of its noise in levels of 255.
///
/// A seventh of the parts are clean, half of the others have little noise. A third of the noise is blurred or was
/// compressed with JPEG, as that of a camera's images is. Half of the photographs are halved first: those at hand
/// are JPEGs, and what compression left in them is not to be taken for what a clean image looks like.
package struct NoiseLevelPatches: ImageExampleSource {
  package let images: Dataset
  let side: Int

  package static let image = "image"
  package static let level = "level"

  package init(images: Dataset, side: Int) {
    self.images = images
    self.side = side
  }

  package func slots(bucket: Int) -> [ExampleSlot] {
    [ExampleSlot(Self.image, [1, side, side]), ExampleSlot(Self.level, [1])]
  }

  package func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    do throws(ImageError) {
      var generator = random ?? RandomSource(seed: 25, stream: UInt64(index))
      let (part, symmetry) = try part(of: images.image(at: index), random: &generator)
      let colors = generator.integer(below: 2) == 0 ? 1 : 3
      let area = side * side
      let planes = UnsafeMutableBufferPointer<Float>.allocate(capacity: colors * area)
      defer { planes.deallocate() }
      Patch(image: part, x: 0, y: 0, side: side, symmetry: symmetry).write(
        to: planes, colors: colors)
      let sigma = Self.level(&generator)
      let kind: Noise = [.white, .white, .white, .white, .blurred, .compressed][
        generator.integer(below: 6)]
      try kind.add(sigma / 255, to: planes, side: side, random: &generator)
      let plane = generator.integer(below: colors)
      _ = places.floats(Self.image).update(
        fromContentsOf: planes.extracting(plane * area..<(plane + 1) * area))
      places.floats(Self.level)[0] = sigma
    } catch { throw UnreadableExample(error.reason) }
  }

  /// A part of a photograph, of the full size or halved, and how it is turned.
  private func part(
    of photograph: Image, random: inout RandomSource
  ) throws(ImageError) -> (Image, symmetry: Int) {
    let image = photograph.flattened(channels: 3)
    let shortest = min(image.width, image.height)
    guard shortest >= side else {
      throw .invalidRequest("is smaller than \(side) × \(side) pixels")
    }
    let factor = shortest >= 2 * side ? 1 + random.integer(below: 2) : 1
    let extent = factor * side
    let part = try image.cropped(
      x: random.integer(below: image.width - extent + 1),
      y: random.integer(below: image.height - extent + 1), width: extent, height: extent)
    return (
      factor == 1 ? part : try part.resized(width: side, height: side, .area),
      random.integer(below: 8)
    )
  }

  private static func level(_ random: inout RandomSource) -> Float {
    switch random.integer(below: 7) {
    case 0: 0
    case 1...3: 15 * random.uniform()
    default: DenoisingPatches.largestSigma * random.uniform()
    }
  }
}
