import Filters
import Foundation
import Images
import Loops
import Testing

/// The Gaussian's promise on 12 megapixels (`VISION_CONFORMANCE=1`): within 1 of double precision
/// everywhere, and equal to it on 99.99 % of the samples at least. The reference is the same blur of
/// float samples, which is computed in `Double` and compared to SciPy's in ``OracleTests``.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["VISION_CONFORMANCE"] == "1",
    "takes long: set VISION_CONFORMANCE=1"))
struct GaussianConformanceTests {
  @Test(arguments: ["0.8", "2", "5"])
  func aPhotoOfTwelveMegapixels(_ sigma: String) throws {
    try check(photo(), sigma)
  }

  @Test(arguments: ["0.8", "2", "5"])
  func noiseOfTwelveMegapixels(_ sigma: String) throws {
    var generator = SeededGenerator(1)
    var image = Image(layout: PixelLayout(width: 4000, height: 3000, channels: 1))
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = .random(in: .min ... .max, using: &generator) }
    }
    try check(image, sigma)
  }

  private func check(_ image: Image, _ sigma: String) throws {
    let chain = FilterChain([try FilterStep(.gaussian, sigma)])
    let threads = ProcessInfo.processInfo.activeProcessorCount
    var layout = image.layout
    layout.sample = .float32
    var exact = Image(layout: layout)
    image.withUnsafeBytes { bytes in
      exact.withUnsafeMutableBytes { floats in
        let floats = floats.bindMemory(to: Float.self)
        for index in bytes.indices { floats[index] = Float(bytes[index]) }
      }
    }
    exact = try chain.apply(to: exact, threads: threads)

    let result = try chain.apply(to: image, threads: threads)
    var (different, far) = (0, 0)
    result.withUnsafeBytes { bytes in
      exact.withUnsafeBytes { floats in
        let floats = floats.bindMemory(to: Float.self)
        for index in bytes.indices {
          let expected = Int(floats[index].rounded(.toNearestOrEven))
          let distance = abs(Int(bytes[index]) - min(max(expected, 0), 255))
          different += distance > 0 ? 1 : 0
          far += distance > 1 ? 1 : 0
        }
      }
    }
    #expect(far == 0)
    let share = Double(different) / Double(layout.samplesPerRow * layout.height)
    print("σ \(sigma), \(layout.channels) channels: \(different) samples differ, \(share * 100) %")
    #expect(share <= 1e-4)

    for set in InstructionSet.allCases where set <= .best {
      var other = Image(layout: image.layout)
      try chain.apply(to: image, into: &other, threads: threads, loops: Loops.table(for: set))
      #expect(other == result, "\(set)")
    }
  }

  /// The rendered scene, enlarged, with the grain of a sensor.
  private func photo() throws -> Image {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var image = try Image(path: root.appending(path: "samples/scene.png").path)
      .resized(width: 4000, height: 3000)
    var generator = SeededGenerator(2)
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices {
        let grain =
          Int.random(in: -4...4, using: &generator) + Int.random(in: -4...4, using: &generator)
        bytes[index] = UInt8(min(max(Int(bytes[index]) + grain, 0), 255))
      }
    }
    return image
  }
}
