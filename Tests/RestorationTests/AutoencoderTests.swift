import Datasets
import ModelFiles
import Models
import Restoration
import Tensors
import TestSupport
import Testing

@Suite struct AutoencoderTests {
  /// Of four codes on a line at 0, 1, 3 and 3.5 the nearest are 1, 0, 3.5 and 3.
  @Test func neighborsByHand() {
    let codes: [[Float]] = [[0, 0], [1, 0], [3, 0], [3.5, 0]]
    #expect(Neighbors.agreement(codes: codes, classes: [0, 0, 1, 1]) == 1)
    #expect(Neighbors.agreement(codes: codes, classes: [0, 1, 1, 1]) == 0.5)
    #expect(Neighbors.agreement(codes: codes, classes: [0, 1, 0, 1]) == 0)
  }

  /// 28 is halved twice, 64 three times; the output is an image of the input's size.
  @Test(arguments: [(28, 7), (64, 8), (36, 9)]) func theCodeLiesBetween(
    size: Int, small: Int
  ) throws {
    let network = try Models.autoencoder(size: size, colors: 3, code: 5, channels: 4)
    let built = try network.build(on: .init(), batch: 2, mode: .inference)
    #expect(built.output.shape == [2, 3, size, size])
    #expect(built.output(of: Models.autoencoderCode)?.shape == [2, 5])
    #expect(built.output(of: "encoder.flatten1")?.shape == [2, small * small * 16])
    for bad in [0, 6, 30, 516] {
      #expect(throws: (any Error).self) { try Models.autoencoder(size: bad, colors: 1) }
    }
  }

  /// The noise that is measured has its level; the target is the image.
  @Test func imagesAreNoisy() {
    let images = dataset((0..<4).map { scene(16, 16, seed: $0, channels: 1) })
    let form = Preprocessing(width: 16, height: 16, channels: 1, mean: [0], std: [1])
    let source = NoisyImages(images: images, form: form)
    var (input, target) = ([Float](repeating: 0, count: 1024), [Float](repeating: 0, count: 1024))
    Loader(source, batchSize: 4, threads: 1).next { batch in
      input.withUnsafeMutableBufferPointer { _ = batch.write(NoisyImages.image, to: $0) }
      target.withUnsafeMutableBufferPointer { _ = batch.write(NoisyImages.target, to: $0) }
    }
    let first = scene(16, 16, seed: 0, channels: 1).withUnsafeBytes { Float($0[5]) / 255 }
    #expect(abs(target[5] - first) < 1e-6)
    let noise = zip(input, target).filter { $0.0 > 0 && $0.0 < 1 }.map { abs($0.0 - $0.1) }
    // Clipping leaves the smaller half of it.
    #expect((0.1...0.4).contains(noise.reduce(0, +) / Float(noise.count)))
  }

  @Test func valuesAreTakenOver() throws {
    let folder = TemporaryFolder()
    let pretrained = try PretrainedRestorer(
      path: writeUpscaler(scale: 2, addsNothing: false, in: folder))
    #expect(pretrained.size == NetworkSize(channels: 8, blocks: 1))
    let same = try pretrained.weights(for: .upscaling(scale: 2))
    let other = try pretrained.weights(for: .upscaling(scale: 4))
    #expect(Set(same.names).subtracting(other.names).allSatisfy { $0.contains(".tail.") })
    #expect(other.names.contains { $0.contains(".block1.") })
    #expect(throws: (any Error).self) { try pretrained.weights(for: .denoising(colors: 3)) }
  }
}
