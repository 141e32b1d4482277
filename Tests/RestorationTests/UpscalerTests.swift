import Images
import Inference
import Restoration
import TestSupport
import Testing

@Suite struct UpscalerTests {
  /// A network that adds nothing leaves bicubic interpolation, which `Image.resized` computes in another way:
  /// equal but for rounding, away from the border.
  @Test(arguments: [2, 3, 4], [1, 2, 3, 4])
  func startsAtBicubic(scale: Int, channels: Int) throws {
    let folder = TemporaryFolder()
    let upscaler = try Upscaler(path: writeUpscaler(scale: scale, in: folder))
    for sample in [SampleType.uint8, .uint16] {
      var image = scene(70, 21, channels: channels, sample: sample)
      if image.layout.hasAlpha { image = image.withOpaqueAlpha() }
      let result = try upscaler.upscaled(image)
      let expected = try image.resized(width: 70 * scale, height: 21 * scale, .cubic)
      #expect(result.layout == expected.layout)
      let tolerance = sample == .uint8 ? 1 : 32
      #expect(result.largestDifference(from: expected, border: 2 * scale) <= tolerance)
    }
  }

  @Test func alphaGoesThroughOnItsOwn() throws {
    let folder = TemporaryFolder()
    let upscaler = try Upscaler(path: writeUpscaler(scale: 2, in: folder))
    let image = scene(30, 20, channels: 4)
    let alpha = image.channel(3)
    #expect(try upscaler.upscaled(image).channel(3) == upscaler.upscaled(alpha))
  }

  @Test func grayStaysGray() throws {
    let folder = TemporaryFolder()
    let path = try writeUpscaler(scale: 2, addsNothing: false, in: folder)
    let upscaler = try Upscaler(path: path)
    let gray = scene(40, 33, channels: 1)
    let result = try upscaler.upscaled(gray)
    #expect(result.layout == PixelLayout(width: 80, height: 66, channels: 1))
  }

  /// Noise of the weights shows the cleanness in the result.
  @Test func theQualityIsTold() throws {
    let folder = TemporaryFolder()
    let upscaler = try Upscaler(
      path: writeUpscaler(scale: 2, addsNothing: false, in: folder))
    let image = scene(40, 33, channels: 3, sample: .uint16)
    #expect(try upscaler.upscaled(image) != upscaler.upscaled(image, quality: 40))
    #expect(try upscaler.upscaled(image) == upscaler.upscaled(image, threads: 2))
  }

  @Test func theResolutionIsScaled() throws {
    let folder = TemporaryFolder()
    let upscaler = try Upscaler(path: writeUpscaler(scale: 3, in: folder))
    var image = scene(8, 8)
    image.metadata.resolution = Resolution(horizontal: 1000, vertical: 2000)
    #expect(
      try upscaler.upscaled(image).metadata.resolution
        == Resolution(horizontal: 3000, vertical: 6000))
  }

  @Test func refusesOtherModels() throws {
    let folder = TemporaryFolder()
    func message(_ metadata: [String: String], kind: String = "upscaling") throws -> String {
      let path = try writeUpscaler(
        scale: 2, in: folder, metadata: metadata.merging(["restoration": kind]) { $1 })
      do {
        _ = try Upscaler(path: path)
        return ""
      } catch { return "\(error)" }
    }
    #expect(try message(["reach": "4"]).contains("does not say its scale"))
    #expect(try message(["scale": "2", "reach": "-1"]).contains("does not say its reach"))
    #expect(
      try message(["scale": "2", "reach": "4"], kind: "denoising").contains(
        "is a model for denoising, not for upscaling"))
    #expect(try message(["scale": "3", "reach": "4"]).contains("not images 3 times as large"))
  }

  @Test func evaluationMeasuresLumaInTheUsualRange() throws {
    let folder = TemporaryFolder()
    let upscaler = try Upscaler(path: writeUpscaler(scale: 2, in: folder))
    var evaluation = UpscalingEvaluation()
    let image = scene(64, 48)
    try evaluation.add("a", image, by: upscaler)
    // The network adds nothing: the two differ by rounding alone.
    #expect(abs(evaluation.psnr - evaluation.bicubic) < 0.1)
    // One level of gray everywhere is 219 / 255 of a level of luma: 20 log10(255 · 255 / 219).
    let bright = scene(64, 48)
    var darker = bright
    darker.withUnsafeMutableBytes { bytes in for place in bytes.indices { bytes[place] -= 1 } }
    #expect(abs(UpscalingEvaluation.psnr(darker, bright, cut: 2) - 49.4527) < 1e-3)
    #expect(throws: ImageError.self) {
      try evaluation.add("b", image, small: scene(9, 9), by: upscaler)
    }
  }
}

extension Image {
  fileprivate func channel(_ index: Int) -> Image {
    let bytes = withUnsafeBytes { bytes in
      stride(from: index, to: bytes.count, by: channels).map { bytes[$0] }
    }
    return Image(layout: PixelLayout(width: width, height: height, channels: 1), bytes: bytes)
  }

  fileprivate func withOpaqueAlpha() -> Image {
    var copy = self
    let size = layout.sample.byteCount
    copy.withUnsafeMutableBytes { bytes in
      for pixel in 1...width * height {
        for byte in 1...size { bytes[pixel * channels * size - byte] = 255 }
      }
    }
    return copy
  }

  fileprivate func largestDifference(from other: Image, border: Int) -> Int {
    func sample(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Int {
      layout.sample == .uint8
        ? Int(bytes[place]) : Int(bytes.load(fromByteOffset: 2 * place, as: UInt16.self))
    }
    return withUnsafeBytes { a in
      other.withUnsafeBytes { b in
        var largest = 0
        for y in border..<height - border {
          for x in border * channels..<(width - border) * channels {
            let place = y * width * channels + x
            largest = max(largest, abs(sample(a, place) - sample(b, place)))
          }
        }
        return largest
      }
    }
  }
}
