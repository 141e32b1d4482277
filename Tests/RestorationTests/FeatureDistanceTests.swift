import Images
import ModelFiles
import Networks
import Restoration
import Tensors
import TestSupport
import Testing

@Suite struct FeatureDistanceTests {
  /// One feature, red − ½, of length 1: its sign. Where it differs, the squared difference is 4; that is a quarter
  /// of the image.
  @Test func itIsThatOfSigns() throws {
    let folder = TemporaryFolder()
    let path = try writeClassifier(in: folder)
    let small = UpscaledScene(quarterIsDark: false)
    let upscaler = try Upscaler(path: writeUpscaler(scale: 2, in: folder))
    var evaluation = UpscalingEvaluation(features: try FeatureDistance(path: path))
    // Bicubic interpolation of a quarter: what was bright is dark in the image that it should be.
    try evaluation.add(
      "a", UpscaledScene(quarterIsDark: true).large, small: small.small, by: upscaler)
    try evaluation.add("b", small.large, small: small.small, by: upscaler)
    #expect(abs(try #require(evaluation.results[0].distance) - 1) < 1e-5)
    #expect(evaluation.results[1].distance == 0)
    #expect(abs(try #require(evaluation.distance) - 0.5) < 1e-5)
  }

  @Test func otherModelsAreRefused() throws {
    let folder = TemporaryFolder()
    let upscaler = try writeUpscaler(scale: 2, in: folder)
    #expect(throws: (any Error).self) { try FeatureDistance(path: upscaler) }
  }
}

/// A bright image of 32 × 32 pixels and the same at half the size; a quarter of the large one may be dark.
private struct UpscaledScene {
  let quarterIsDark: Bool

  var large: Image { image(32) { quarterIsDark && $0 < 16 && $1 < 16 ? 20 : 240 } }
  var small: Image { image(16) { _, _ in 240 } }

  private func image(_ side: Int, _ value: (Int, Int) -> UInt8) -> Image {
    Image(
      layout: PixelLayout(width: side, height: side, channels: 3),
      bytes: (0..<3 * side * side).map { value($0 / 3 % side, $0 / 3 / side) })
  }
}
