import Glibc
import Images
import Tensors

/// Pulls an image about like rubber: every pixel is taken from a place displaced by a smooth random
/// field.
///
/// The field's values are even in −1…1, blurred with a gaussian of `sigma` pixels and multiplied by
/// `alpha`, on its own for each axis. (Simard, Steinkraus, Platt 2003, "Best Practices for Convolutional
/// Neural Networks Applied to Visual Document Analysis", section 2: sigma 4, alpha 34 for 29 × 29.)
public struct ElasticTransform: Augmentation {
  public let alpha: Float
  public let sigma: Float
  /// The gaussian at whole distances 0, 1, 2 …, the whole kernel adding up to 1.
  private let weights: [Float]

  /// - Parameters:
  ///   - alpha: the strength in pixels before blurring, from 0.
  ///   - sigma: the smoothness in pixels, 0.5 to 64.
  public init(alpha: Float = 34, sigma: Float = 4) {
    self.alpha = alpha.clamped(to: 0...65_535)
    self.sigma = sigma.clamped(to: 0.5...64)
    let radius = Int((2.5 * self.sigma).rounded(.up))
    let spread = 2 * self.sigma * self.sigma
    let values = (0...radius).map { expf(-Float($0 * $0) / spread) }
    let sum = 2 * values.dropFirst().reduce(0, +) + values[0]
    weights = values.map { $0 / sum }
  }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    let (width, height) = (image.width, image.height)
    let across = field(width, height, &random)
    let down = field(width, height, &random)
    return across.withUnsafeBufferPointer { across in
      down.withUnsafeBufferPointer { down in
        image.warped(sampling) { x, y in
          let place = y &* width &+ x
          return (Float(x) + across[place], Float(y) + down[place])
        }
      }
    }
  }

  /// A blurred field of displacements, row by row; beyond the border it counts as 0.
  private func field(_ width: Int, _ height: Int, _ random: inout RandomSource) -> [Float] {
    let radius = weights.count - 1
    // A margin of zeros on all sides, so that the kernel needs no test for the border.
    let (paddedWidth, paddedHeight) = (width + 2 * radius, height + 2 * radius)
    var noise = [Float](repeating: 0, count: width * height)
    noise.withUnsafeMutableBufferPointer { random.fillUniform($0) }
    var padded = [Float](repeating: 0, count: paddedWidth * height)
    for y in 0..<height {
      for x in 0..<width {
        padded[y * paddedWidth + radius + x] = alpha * (2 * noise[y * width + x] - 1)
      }
    }
    var rows = [Float](repeating: 0, count: width * paddedHeight)
    var result = [Float](repeating: 0, count: width * height)
    padded.withUnsafeBufferPointer { padded in
      rows.withUnsafeMutableBufferPointer { rows in
        for y in 0..<height {
          let target = (y + radius) * width
          for offset in -radius...radius {
            let weight = weights[abs(offset)]
            let source = y * paddedWidth + radius + offset
            for x in 0..<width { rows[target &+ x] += weight * padded[source &+ x] }
          }
        }
      }
    }
    rows.withUnsafeBufferPointer { rows in
      result.withUnsafeMutableBufferPointer { result in
        for y in 0..<height {
          for offset in -radius...radius {
            let weight = weights[abs(offset)]
            let source = (y + radius + offset) * width
            for x in 0..<width { result[y &* width &+ x] += weight * rows[source &+ x] }
          }
        }
      }
    }
    return result
  }
}
