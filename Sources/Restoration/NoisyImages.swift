import Datasets
import Images
import ModelFiles
import Tensors

/// Whole images as examples for an autoencoder: the input `image`, colors × side × side, with white Gaussian
/// noise, clipped to 0…255 and rounded; `target`, the image itself. Both are 0…1.
///
/// The level of the noise is uniform up to ``largestSigma``; what is measured has ``measuredSigma``.
package struct NoisyImages: ImageExampleSource {
  package let images: Dataset
  let form: Preprocessing

  package static let image = "image"
  package static let target = "target"
  /// Levels of the range 0…1.
  package static let largestSigma: Float = 0.5
  package static let measuredSigma: Float = 0.4

  package init(images: Dataset, form: Preprocessing) {
    self.images = images
    self.form = form
  }

  package func slots(bucket: Int) -> [ExampleSlot] {
    let shape = Shape([form.channels, form.height, form.width])
    return [ExampleSlot(Self.image, shape), ExampleSlot(Self.target, shape)]
  }

  package func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    let (input, target) = (places.floats(Self.image), places.floats(Self.target))
    do throws(ImageError) {
      try form.write(images.image(at: index), to: target)
      // What is measured is always the same.
      var generator = random ?? RandomSource(seed: 25, stream: UInt64(index))
      let sigma =
        random == nil ? Self.measuredSigma : Self.largestSigma * generator.uniform()
      _ = input.update(fromContentsOf: target)
      try Noise.white.add(sigma, to: input, side: form.width, random: &generator)
    } catch { throw UnreadableExample(error.reason) }
  }
}
