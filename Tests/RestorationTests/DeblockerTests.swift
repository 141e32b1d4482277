import Datasets
import Images
import Restoration
import Tensors
import TestSupport
import Testing

@Suite struct DeblockerTests {
  @Test func changesNothingWithoutWeights() throws {
    let folder = TemporaryFolder()
    let deblocker = try Cleaner(
      path: writeDenoiser(colors: 3, kind: "deblocking", in: folder), of: .compression)
    for channels in 1...4 {
      let image = scene(70, 33, channels: channels)
      #expect(try deblocker.cleaned(image, of: .compression(quality: 20)) == image)
    }
    #expect {
      try Cleaner(path: writeDenoiser(colors: 3, kind: "deblocking", in: folder), of: .noise)
    } throws: { "\($0)".contains("is a model for deblocking, not for denoising") }
  }

  @Test func theQualityIsTold() throws {
    let folder = TemporaryFolder()
    let deblocker = try Cleaner(
      path: writeDenoiser(
        colors: 1, kind: "deblocking", changesNothing: false, in: folder),
      of: .compression)
    let image = scene(40, 30, channels: 1, sample: .uint16)
    #expect(
      try deblocker.cleaned(image, of: .compression(quality: 10))
        != deblocker.cleaned(image, of: .compression(quality: 90)))
  }

  /// The target is a part of the image, the input the same part compressed with the quality that is told.
  @Test(arguments: [1, 3]) func partsAreCompressed(colors: Int) {
    let images = (0..<16).map { scene(90, 70, seed: $0) }
    let source = DeblockingPatches(images: dataset(images), colors: colors, side: 16)
    let (planes, area) = ((colors + 1) * 256, colors * 256)
    var (input, target) = (
      [Float](repeating: .nan, count: 16 * planes), [Float](repeating: .nan, count: 16 * area)
    )
    Loader(source, batchSize: 16, random: RandomSource(seed: 3), threads: 1).next { batch in
      input.withUnsafeMutableBufferPointer { _ = batch.write(DenoisingPatches.image, to: $0) }
      target.withUnsafeMutableBufferPointer { _ = batch.write(DenoisingPatches.target, to: $0) }
    }
    var errors: [(quality: Float, error: Float)] = []
    for example in 0..<16 {
      let told = input[example * planes + area]
      #expect((0.05...0.95).contains(told))
      var error: Float = 0
      for place in 0..<area {
        let difference = input[example * planes + place] - target[example * area + place]
        error += difference * difference / Float(area)
      }
      errors.append((told, error.squareRoot()))
    }
    // Strong compression leaves more.
    let sorted = errors.sorted { $0.quality < $1.quality }.map(\.error)
    #expect(sorted.prefix(5).reduce(0, +) > 1.3 * sorted.suffix(5).reduce(0, +), "\(errors)")
    #expect(errors.allSatisfy { $0.error > 0 && $0.error < 0.25 }, "\(errors)")
  }

  @Test func evaluationCompresses() throws {
    let folder = TemporaryFolder()
    let deblocker = try Cleaner(
      path: writeDenoiser(colors: 1, kind: "deblocking", in: folder), of: .compression)
    var (strong, weak) = (
      CleaningEvaluation(of: .compression(quality: 10)),
      CleaningEvaluation(of: .compression(quality: 90))
    )
    try strong.add("a", scene(120, 90), by: deblocker)
    try weak.add("a", scene(120, 90), by: deblocker)
    #expect(strong.psnr == strong.flawed)
    #expect(weak.flawed > strong.flawed + 8)
  }
}
