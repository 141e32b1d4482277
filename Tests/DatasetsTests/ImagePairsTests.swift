import Datasets
import Images
import ModelFiles
import Tensors
import TestSupport
import Testing

@Suite struct ImagePairsTests {
  private static let count = 6

  private func dataset(_ images: [Image]) -> Dataset {
    Dataset(
      classNames: [""], labels: images.map { _ in 0 }, names: images.indices.map { "\($0)" },
      source: .memory(images))
  }

  /// Images of many values, and for each pixel the remainder of its red value.
  private var images: Dataset { dataset((0..<Self.count).map { pattern(7, 5, seed: $0) }) }

  private func remainders(_ classes: Int) throws -> Dataset {
    let images = images
    return dataset(
      try (0..<Self.count).map { index in
        let bytes = samples(try images.image(at: index))
        return picture(7, 5, channels: 1) { x, y, _ in
          bytes[3 * (y * 7 + x)] % UInt8(classes)
        }
      })
  }

  private func batch(
    _ pairs: ImagePairs, _ names: (String, Int), random: RandomSource?
  ) -> (image: [Float], other: [Float]) {
    var image = [Float](repeating: .nan, count: Self.count * 3 * 35)
    var other = [Float](repeating: .nan, count: Self.count * names.1)
    Loader(pairs, batchSize: Self.count, random: random).next { batch in
      image.withUnsafeMutableBufferPointer { #expect(batch.write("image", to: $0)) }
      other.withUnsafeMutableBufferPointer { #expect(batch.write(names.0, to: $0)) }
    }
    return (image, other)
  }

  /// Whatever moves the pixels of an image moves those of its mask.
  @Test(arguments: [nil, 4] as [UInt64?]) func masksMoveAlong(seed: UInt64?) throws {
    let pairs = ImagePairs(
      images, with: try remainders(3), as: .mask(classes: 3), form: plainForm(7, 5),
      augmentations: [
        HorizontalFlip(), ColorJitter(brightness: 0, contrast: 0, saturation: 0),
        RandomTranslation(pixels: 2),
      ])
    let (image, mask) = batch(
      pairs, ("mask", 3 * 35), random: seed.map { RandomSource(seed: $0) })
    for example in 0..<Self.count {
      for pixel in 0..<35 {
        let red = Int((image[example * 105 + pixel] * 255).rounded())
        let classes = (0..<3).map { mask[example * 105 + $0 * 35 + pixel] }
        #expect(classes == (0..<3).map { $0 == red % 3 ? 1 : 0 })
      }
    }
    let unchanged = batch(pairs, ("mask", 3 * 35), random: nil)
    #expect((image == unchanged.image) == (seed == nil))
  }

  /// Between pixels a mask takes the nearest class; a value that is no class belongs to none.
  @Test func warpedMasksHoldClassesOnly() throws {
    let pairs = ImagePairs(
      images, with: try remainders(4), as: .mask(classes: 3), form: plainForm(7, 5),
      augmentations: [RandomAffine(), ElasticTransform(alpha: 8, sigma: 2)])
    let mask = batch(pairs, ("mask", 3 * 35), random: RandomSource(seed: 1)).other
    #expect(Set(mask) == [0, 1])
    for example in 0..<Self.count {
      for pixel in 0..<35 {
        #expect((0..<3).map { mask[example * 105 + $0 * 35 + pixel] }.reduce(0, +) <= 1)
      }
    }
  }

  /// A target is an image: moved alike, but of the same colors.
  @Test func targetsMoveAlongInTheirOwnColors() throws {
    let pairs = ImagePairs(
      images, with: images, as: .image(plainForm(7, 5)), form: plainForm(7, 5),
      augmentations: [HorizontalFlip(), RandomTranslation(pixels: 1)])
    let same = batch(pairs, ("target", 105), random: RandomSource(seed: 2))
    #expect(same.image == same.other)
    let jittered = ImagePairs(
      images, with: images, as: .image(plainForm(7, 5)), form: plainForm(7, 5),
      augmentations: [ColorJitter()])
    let other = batch(jittered, ("target", 105), random: RandomSource(seed: 2))
    #expect(other.image != other.other)
    #expect(Set(other.other) == Set(batch(jittered, ("target", 105), random: nil).other))
  }

  @Test func companionsOfAnotherSizeAreNamed() throws {
    let small = dataset((0..<Self.count).map { _ in pattern(3, 3, channels: 1) })
    let pairs = ImagePairs(images, with: small, as: .mask(classes: 2), form: plainForm(7, 5))
    let loader = Loader(pairs, batchSize: Self.count)
    #expect(loader.next { $0.count } == 0)
    #expect(
      loader.drainWarnings().first
        == .unreadableImage(path: "0", reason: "0 is 3 × 3 pixels, not 7 × 5"))
  }
}
