import Datasets
import Images
import Tensors

/// Parts with noise, clipped to 0…255 and rounded; the network is told its standard deviation.
///
/// The noise is white and Gaussian, of a level that is uniform up to ``largestSigma``; a third of the parts have
/// noise as cameras make it: its variance grows with the light (Foi et al. 2008, IEEE TIP 17(10)), it is blurred
/// a little by the camera's interpolation, or the part was compressed with JPEG after it.
package struct DenoisingPatches: CleaningPatches {
  package let images: Dataset
  package let colors: Int
  package let side: Int

  /// Levels of 255.
  package static let largestSigma: Float = 75

  package init(images: Dataset, colors: Int, side: Int) {
    self.images = images
    self.colors = colors
    self.side = side
  }

  package func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    do throws(ImageError) {
      let whole = try photograph(at: index)
      // What is measured is always the same.
      var generator = random ?? RandomSource(seed: 25, stream: UInt64(index))
      var (x, y, symmetry) = ((whole.width - side) / 2, (whole.height - side) / 2, 0)
      var (sigma, kind) = (Self.measuredSigma, Noise.white)
      if random != nil {
        x = generator.integer(below: whole.width - side + 1)
        y = generator.integer(below: whole.height - side + 1)
        symmetry = generator.integer(below: 8)
        sigma = Self.largestSigma * generator.uniform()
        kind = Noise.allCases[max(0, generator.integer(below: 9) - 5)]
      }
      let target = places.floats(Self.target)
      let area = side * side
      Patch(image: whole, x: x, y: y, side: side, symmetry: symmetry).write(
        to: target, colors: colors)
      let input = places.floats(Self.image)
      let planes = input.extracting(0..<colors * area)
      _ = planes.update(fromContentsOf: target)
      try kind.add(sigma / 255, to: planes, side: side, random: &generator)
      input.extracting((colors * area)...).update(repeating: sigma / 255)
    } catch { throw UnreadableExample(error.reason) }
  }

  /// The noise that epochs are measured with, in levels of 255.
  private static let measuredSigma: Float = 25
}

/// Kinds of noise.
enum Noise: CaseIterable {
  case white
  /// Its variance grows with the sample.
  case signalDependent
  /// Neighbors are correlated.
  case blurred
  /// White noise, then JPEG of a quality of 80 to 95.
  case compressed

  /// Adds noise of a standard deviation to planes of samples 0…1, clips and rounds to 8 bits.
  func add(
    _ sigma: Float, to planes: UnsafeMutableBufferPointer<Float>, side: Int,
    random: inout RandomSource
  ) throws(ImageError) {
    let noise = UnsafeMutableBufferPointer<Float>.allocate(capacity: planes.count)
    defer { noise.deallocate() }
    random.fillNormal(noise)
    if self == .blurred { Self.blur(noise, side: side) }
    for place in planes.indices {
      var scale = sigma
      // As large as told at a sample of a half.
      if self == .signalDependent { scale *= (0.2 + 1.6 * planes[place]).squareRoot() }
      let value = planes[place] + scale * noise[place]
      planes[place] = (min(max(value, 0), 1) * 255).rounded() / 255
    }
    if self == .compressed {
      try Self.compress(planes, side: side, quality: 80 + random.integer(below: 16))
    }
  }

  /// Weighs each value with its neighbors, 1 2 1 each way, and gives the sum the variance of white noise.
  private static func blur(_ noise: UnsafeMutableBufferPointer<Float>, side: Int) {
    let gain: Float = 1 / 0.375  // The weights' squares add up to 0.375², each way 0.375.
    for plane in 0..<noise.count / (side * side) {
      let values = noise.extracting(plane * side * side..<(plane + 1) * side * side)
      for (step, line) in [(1, side), (side, 1)] {
        for first in 0..<side {
          var before = values[first * line]
          for index in 0..<side {
            let place = first * line + index * step
            let next = index + 1 < side ? values[place + step] : values[place]
            let value = values[place]
            values[place] = 0.25 * before + 0.5 * value + 0.25 * next
            before = value
          }
        }
      }
      for place in values.indices { values[place] *= gain }
    }
  }

  private static func compress(
    _ planes: UnsafeMutableBufferPointer<Float>, side: Int, quality: Int
  ) throws(ImageError) {
    let area = side * side
    let colors = planes.count / area
    var image = Image(layout: PixelLayout(width: side, height: side, channels: colors))
    image.withUnsafeMutableBytes { bytes in
      for place in 0..<area {
        for color in 0..<colors {
          bytes[place * colors + color] = UInt8(planes[color * area + place] * 255 + 0.5)
        }
      }
    }
    image = try image.throughJPEG(quality: quality)
    image.withUnsafeBytes { bytes in
      for place in 0..<area {
        for color in 0..<colors {
          planes[color * area + place] = Float(bytes[place * colors + color]) / 255
        }
      }
    }
  }
}
