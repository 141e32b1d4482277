import Datasets
import Images
import ModelFiles
import Restoration
import Tensors
import TestSupport
import Testing
import Training

@Suite struct DenoiserTests {
  @Test(arguments: [1, 2, 3, 4]) func startsAtTheImage(channels: Int) throws {
    let folder = TemporaryFolder()
    let denoiser = try Cleaner(path: writeDenoiser(colors: 3, in: folder), of: .noise)
    for sample in [SampleType.uint8, .uint16] {
      let image = scene(70, 33, channels: channels, sample: sample)
      #expect(try denoiser.cleaned(image, of: .noise(sigma: 20)) == image)
    }
  }

  /// What the network changes is scaled by the strength; alpha is not touched.
  @Test func strengthAndAlpha() throws {
    let folder = TemporaryFolder()
    let denoiser = try Cleaner(
      path: writeDenoiser(colors: 3, changesNothing: false, in: folder), of: .noise)
    let image = scene(70, 33, channels: 4, sample: .uint16)
    let whole = try denoiser.cleaned(image, of: .noise(sigma: 75)).samples
    let half = try denoiser.cleaned(image, of: .noise(sigma: 75), strength: 0.5, threads: 2).samples
    var changed = 0
    for (place, (before, after)) in zip(image.samples, whole).enumerated() {
      if place % 4 == 3 { #expect(before == after) }
      if before != after { changed += 1 }
      // Both are rounded.
      #expect(abs(Double(half[place]) - Double(before + after) / 2) <= 1)
    }
    #expect(changed > 1000)
    #expect(try denoiser.cleaned(image, of: .noise(sigma: 75), strength: 0) == image)
  }

  /// An odd size has no half resolution; the image is mirrored.
  @Test func anySize() throws {
    let folder = TemporaryFolder()
    let denoiser = try Cleaner(
      path: writeDenoiser(colors: 1, changesNothing: false, in: folder), of: .noise)
    for (width, height) in [(1, 1), (7, 3), (65, 1), (201, 129)] {
      let image = scene(width, height, channels: 1)
      #expect(try denoiser.cleaned(image, of: .noise(sigma: 10)).layout == image.layout)
    }
  }

  @Test func otherModelsAreRefused() throws {
    let folder = TemporaryFolder()
    #expect {
      try Cleaner(path: writeUpscaler(scale: 2, in: folder), of: .noise)
    } throws: { "\($0)".contains("is a model for upscaling, not for denoising") }
  }

  @Test func evaluationAddsNoiseOfTheLevel() throws {
    let folder = TemporaryFolder()
    let denoiser = try Cleaner(path: writeDenoiser(colors: 3, in: folder), of: .noise)
    var evaluation = CleaningEvaluation(of: .noise(sigma: 10))
    try evaluation.add("a", scene(120, 90), by: denoiser)
    // 20 log10(255 / 10), and the denoiser changes nothing.
    #expect(abs(evaluation.flawed - 28.13) < 0.1)
    #expect(evaluation.psnr == evaluation.flawed)
  }

  /// Gray images get gray noise, which a network for colors sees three times.
  @Test func grayImagesAreMeasuredInGray() throws {
    let folder = TemporaryFolder()
    let denoiser = try Cleaner(path: writeDenoiser(colors: 3, in: folder), of: .noise)
    var evaluation = CleaningEvaluation(of: .noise(sigma: 40))
    try evaluation.add("a", scene(120, 90, channels: 1), by: denoiser)
    try evaluation.add("b", scene(120, 90, channels: 1).flattened(channels: 3), by: denoiser)
    let (gray, color) = (evaluation.results[0], evaluation.results[1])
    #expect(gray.psnr == gray.flawed && color.psnr == color.flawed)
    // Three samples of a color are not one.
    #expect(gray.flawed != color.flawed)
  }

  /// 60 pixels are enough for 24 at 0.8, 0.65 and 0.5 of their size, 28 only as they are.
  @Test func smallerSizesAreLearnedFrom() throws {
    let images = dataset([scene(100, 60), scene(40, 28)])
    let task = try RestorationTask(
      .denoising(colors: 3), images: images,
      settings: RestorationSettings(
        .denoising(colors: 3), data: DataIdentity(path: "images", names: images.names),
        network: NetworkSize(channels: 8, blocks: 1), patch: 24, epochs: 1,
        holdOutInterval: nil),
      card: ModelCard(name: "denoiser"))
    #expect(task.trainingCount == 2)
    #expect(try task.phases[0].examples(PhaseContext()).count == 5)
  }

  /// Noise of the level that is told, of all kinds, and the part itself.
  @Test func patchesSayTheirLevel() {
    let gray = Image(
      layout: PixelLayout(width: 64, height: 64, channels: 3),
      bytes: Array(repeating: 128, count: 3 * 4096))
    let images = dataset(Array(repeating: gray, count: 64))
    for colors in [1, 3] {
      let source = DenoisingPatches(images: images, colors: colors, side: 32)
      var errors: [Double] = []
      Loader(source, batchSize: 64, random: RandomSource(seed: 3), threads: 1).next { batch in
        var input = [Float](repeating: .nan, count: 64 * (colors + 1) * 1024)
        input.withUnsafeMutableBufferPointer {
          _ = batch.write(DenoisingPatches.image, to: $0)
        }
        for example in 0..<64 {
          let start = example * (colors + 1) * 1024
          let told = Double(input[start + colors * 1024])
          let sum = input[start..<start + colors * 1024].reduce(0.0) {
            $0 + Double(($1 - 128.0 / 255) * ($1 - 128.0 / 255))
          }
          // Above that clipping takes some of it.
          if told < 0.12, told > 0.02 {
            errors.append(abs((sum / Double(colors * 1024)).squareRoot() / told - 1))
          }
        }
      }
      // JPEG takes some noise away; most parts are not compressed.
      #expect(errors.count > 10)
      #expect(errors.sorted()[errors.count * 3 / 4] < 0.12, "\(errors.sorted())")
    }
  }
}

extension Image {
  fileprivate var samples: [Int] {
    withUnsafeBytes { $0.bindMemory(to: UInt16.self).map(Int.init) }
  }
}
