import Datasets
import Images
import Restoration
import Tensors
import Testing

@Suite struct UpscalingPatchesTests {
  private func batch(
    _ source: UpscalingPatches, random: RandomSource? = nil
  ) -> (image: [Float], target: [Float]) {
    let slots = source.slots(bucket: 0)
    var image = [Float](repeating: .nan, count: source.count * slots[0].shape.count)
    var target = [Float](repeating: .nan, count: source.count * slots[1].shape.count)
    Loader(source, batchSize: source.count, random: random, threads: 1).next { batch in
      image.withUnsafeMutableBufferPointer { _ = batch.write(UpscalingPatches.image, to: $0) }
      target.withUnsafeMutableBufferPointer { _ = batch.write(UpscalingPatches.target, to: $0) }
    }
    return (image, target)
  }

  private func source(
    _ images: [Image], jpegShare: Float = 0, scale: Int = 2, side: Int = 8
  ) -> UpscalingPatches {
    UpscalingPatches(
      images: dataset(images), scale: scale, side: side, jpegShare: jpegShare, qualities: 40...40)
  }

  /// White is luma 1 without chroma, in the small part and in the large one.
  @Test func whiteIsLuma() {
    let white = Image(
      layout: PixelLayout(width: 60, height: 60, channels: 3),
      bytes: Array(repeating: 255, count: 3 * 3600))
    let (image, target) = batch(source([white]))
    #expect(image.prefix(64).allSatisfy { abs($0 - 1) < 1e-6 })
    #expect(image[64..<192].allSatisfy { abs($0) < 1e-6 })
    #expect(image[192...].allSatisfy { $0 == 1 })
    #expect(target.prefix(256).allSatisfy { abs($0 - 1) < 1e-6 })
    #expect(target[256...].allSatisfy { abs($0) < 1e-6 })
  }

  /// Each small pixel lies over the mean of its block of the target, however the part is turned.
  @Test(arguments: 0..<12) func partsBelongTogether(seed: Int) {
    let images = (0..<8).map { scene(90, 70, seed: $0) }
    let (image, target) = batch(
      source(images), random: RandomSource(seed: UInt64(seed)))
    var (sum, largest) = (0.0, Float(0))
    for example in 0..<8 {
      for y in 0..<8 {
        for x in 0..<8 {
          let small = image[example * 256 + y * 8 + x]
          let block = example * 768 + 2 * y * 16 + 2 * x
          let mean =
            (target[block] + target[block + 1] + target[block + 16] + target[block + 17]) / 4
          sum += Double(abs(small - mean))
          largest = max(largest, abs(small - mean))
        }
      }
    }
    #expect(sum / 512 < 0.03 && largest < 0.3, "\(sum / 512), \(largest)")
  }

  @Test func compressedPartsSaySo() {
    let images = (0..<8).map { scene(90, 70, seed: $0) }
    let (clean, _) = batch(source(images), random: RandomSource(seed: 1))
    let (dirty, _) = batch(source(images, jpegShare: 1), random: RandomSource(seed: 1))
    #expect(clean[192..<256].allSatisfy { $0 == 1 })
    for example in 0..<8 { #expect(abs(dirty[example * 256 + 192] - 0.4) < 1e-6) }
    #expect(clean.prefix(64) != dirty.prefix(64))
  }

  @Test func smallImagesAreNamed() {
    let source = source([scene(15, 40), scene(40, 40)])
    let loader = Loader(source, batchSize: 1, random: RandomSource(seed: 1), threads: 1)
    for _ in 0..<3 { loader.next { _ in } }
    #expect(
      loader.drainWarnings().map(\.description) == [
        "image 0: is smaller than 16 × 16 pixels; skipped"
      ])
  }
}
