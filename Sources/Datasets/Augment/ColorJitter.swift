import Images
import Tensors

/// Changes brightness, contrast and saturation by random factors.
///
/// Each factor is drawn evenly from 1 − strength to 1 + strength: brightness scales the samples, contrast
/// their distance from the image's mean gray, saturation their distance from the pixel's gray. (Howard
/// 2013, "Some Improvements on Deep Convolutional Neural Network Based Image Classification".)
public struct ColorJitter: Augmentation {
  public let brightness: Float
  public let contrast: Float
  public let saturation: Float

  public init(brightness: Float = 0.3, contrast: Float = 0.3, saturation: Float = 0.3) {
    self.brightness = brightness.clamped(to: 0...1)
    self.contrast = contrast.clamped(to: 0...1)
    self.saturation = saturation.clamped(to: 0...1)
  }

  public var isGeometric: Bool { false }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    let words = random.block(at: 0)
    random.counter &+= 1
    func factor(_ word: UInt32, _ strength: Float) -> Float {
      1 + strength * (2 * RandomSource.uniform(word) - 1)
    }
    let light = factor(words[0], brightness)
    let spread = factor(words[1], contrast)
    let colorfulness = factor(words[2], saturation)
    var result = image
    let channels = image.channels
    result.withUnsafeMutableBytes { samples in
      let pixels = samples.count / channels
      guard pixels > 0 else { return }
      var sum: Float = 0
      for index in 0..<pixels { sum += Self.gray(samples, index, channels) }
      let mean = sum / Float(pixels)
      for index in 0..<pixels {
        let gray = Self.gray(samples, index, channels)
        for channel in 0..<channels {
          let position = index * channels + channel
          let sample = gray + (Float(samples[position]) - gray) * colorfulness
          let value = light * (mean + (sample - mean) * spread)
          samples[position] = UInt8(min(max(value, 0), 255) + 0.5)
        }
      }
    }
    return result
  }

  @inline(__always)
  private static func gray(
    _ samples: UnsafeMutableRawBufferPointer, _ pixel: Int, _ channels: Int
  ) -> Float {
    guard channels == 3 else { return Float(samples[pixel]) }
    return 0.299 * Float(samples[3 * pixel]) + 0.587 * Float(samples[3 * pixel + 1])
      + 0.114 * Float(samples[3 * pixel + 2])
  }
}
