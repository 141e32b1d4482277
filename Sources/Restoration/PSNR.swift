import Glibc
import Images

/// The peak signal-to-noise ratio in dB: 10 · log₁₀(1 / mean squared error) of values 0…1, at most 100.
public enum PSNR {
  public static func decibels(meanSquaredError error: Double) -> Double {
    error > 1e-10 ? -10 * log10(error) : 100
  }

  /// That of all samples of an image, in dB.
  ///
  /// - Precondition: both have 8 bits and one layout.
  static func ofSamples(_ image: Image, _ original: Image) -> Double {
    precondition(image.layout == original.layout && image.layout.sample == .uint8)
    let sum = image.withUnsafeBytes { a in
      original.withUnsafeBytes { b in
        zip(a, b).reduce(0.0) { sum, pair in
          let difference = Double(pair.0) - Double(pair.1)
          return sum + difference * difference
        }
      }
    }
    return decibels(meanSquaredError: sum / Double(image.layout.byteCount) / (255 * 255))
  }

  /// What luma of full range counts beside that of BT.601's range of [16, 235], in which the literature of
  /// super-resolution measures.
  static let lumaRange = 219.0 / 255
}

extension Restoration {
  /// The PSNR of planes C × side × side in 0…1, of an upscaler that of luma.
  func psnr(_ output: [Float], _ target: [Float], side: Int, cut: Int) -> Double {
    let planes: Int
    let range: Double
    switch self {
    case .upscaling: (planes, range) = (1, PSNR.lumaRange)
    case .denoising(let colors), .deblocking(let colors): (planes, range) = (colors, 1)
    }
    var sum = 0.0
    let cut = min(cut, side / 4)
    for plane in 0..<planes {
      for y in cut..<side - cut {
        for x in cut..<side - cut {
          let place = (plane * side + y) * side + x
          // As an image holds it.
          let value = min(max(output[place], 0), 1)
          let difference = Double(value - target[place])
          sum += difference * difference
        }
      }
    }
    let inner = side - 2 * cut
    return PSNR.decibels(
      meanSquaredError: range * range * sum / Double(planes * inner * inner))
  }
}
