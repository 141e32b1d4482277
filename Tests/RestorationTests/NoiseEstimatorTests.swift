import Datasets
import Images
import ModelFiles
import Models
import Networks
import Restoration
import Tensors
import TestSupport
import Testing

@Suite struct NoiseEstimatorTests {
  private static let shipped = "assets/models/noise-level.safetensors"

  /// Noise of a known level on a smooth image, and none.
  @Test(arguments: [0.0, 5, 10, 25, 50], [1, 3]) func theLevelIsEstimated(
    sigma: Double, channels: Int
  ) throws {
    var random = RandomSource(seed: 5)
    var image = Image(layout: PixelLayout(width: 160, height: 120, channels: channels))
    image.withUnsafeMutableBytes { bytes in
      for place in bytes.indices {
        let pixel = place / channels
        let smooth = 110 + Float(pixel % 160) / 5 - Float(pixel / 160) / 6
        bytes[place] = UInt8(
          min(max((smooth + Float(sigma) * random.normal()).rounded(), 0), 255))
      }
    }
    let estimator = try NoiseEstimator(path: Self.shipped)
    let estimate = try estimator.sigma(of: image)
    #expect(abs(estimate - sigma) <= max(0.15 * sigma, 0.5), "\(estimate)")
  }

  @Test func depthsAgreeAndSmallImagesTellNothing() throws {
    let estimator = try NoiseEstimator(path: Self.shipped)
    #expect(try estimator.sigma(of: scene(47, 200)) == 0)
    var random = RandomSource(seed: 6)
    var (byte, word) = (
      Image(layout: PixelLayout(width: 60, height: 50, channels: 2)),
      Image(layout: PixelLayout(width: 60, height: 50, channels: 2, sample: .uint16))
    )
    for place in 0..<2 * 3000 {
      // Alpha is wild, and not looked at.
      let value = UInt16(
        min(max(place % 2 == 1 ? 128 + 90 * random.normal() : 90 + 12 * random.normal(), 0), 255))
      byte.withUnsafeMutableBytes { $0[place] = UInt8(value) }
      word.withUnsafeMutableBytes {
        $0.storeBytes(of: 257 * value, toByteOffset: 2 * place, as: UInt16.self)
      }
    }
    let sigma = try estimator.sigma(of: byte)
    #expect(abs(sigma - 12) < 1.8, "\(sigma)")
    #expect(abs(try estimator.sigma(of: word) - sigma) < 1e-3)
  }

  @Test func otherModelsAreRefused() throws {
    let folder = TemporaryFolder()
    let denoiser = try writeDenoiser(colors: 1, in: folder)
    #expect {
      try NoiseEstimator(path: denoiser)
    } throws: { "\($0)".contains("is a model for denoising, not for noise estimation") }
  }

  /// 1·9·24 + 24, 24·9·24 + 24, 24·9·48 + 48, 48·9·48 + 48, 48·48 + 48 and 48·2 + 2.
  @Test func theNetworkIsSmall() throws {
    #expect(try Models.noiseEstimator(size: 48).summary().parameters == 39_098)
  }

  /// Parts hold noise of the level that they say; a seventh are clean.
  @Test func patchesSayTheirLevel() {
    let gray = Image(
      layout: PixelLayout(width: 64, height: 64, channels: 3),
      bytes: Array(repeating: 128, count: 3 * 4096))
    let source = NoiseLevelPatches(images: dataset(Array(repeating: gray, count: 140)), side: 32)
    var (errors, clean): ([Double], Int) = ([], 0)
    Loader(source, batchSize: 140, random: RandomSource(seed: 3), threads: 1).next { batch in
      var input = [Float](repeating: .nan, count: 140 * 1024)
      var levels = [Float](repeating: .nan, count: 140)
      input.withUnsafeMutableBufferPointer { _ = batch.write(NoiseLevelPatches.image, to: $0) }
      levels.withUnsafeMutableBufferPointer { _ = batch.write(NoiseLevelPatches.level, to: $0) }
      for (example, level) in levels.enumerated() {
        let sum = input[example * 1024..<(example + 1) * 1024].reduce(0.0) {
          $0 + Double(($1 - 128.0 / 255) * ($1 - 128.0 / 255))
        }
        let found = (sum / 1024).squareRoot() * 255
        if level == 0 {
          clean += 1
          #expect(found < 0.5)
        } else if level > 4, level < 35 {
          // Above that clipping takes some of it.
          errors.append(abs(found / Double(level) - 1))
        }
      }
    }
    #expect((8...35).contains(clean))
    // JPEG takes some noise away; most parts are not compressed.
    #expect(errors.count > 30)
    #expect(errors.sorted()[errors.count * 3 / 4] < 0.12, "\(errors.sorted())")
  }
}
