import Images
import Tensors

/// A random change of a training image that leaves its class as it is.
///
/// Images are 8-bit, 1 or 3 channels. The same source of random numbers gives the same change.
public protocol Augmentation: Sendable {
  /// Whether it moves pixels, so that whatever goes with an image pixel by pixel is moved along.
  var isGeometric: Bool { get }

  /// The image changed; its size and layout stay.
  ///
  /// - Parameter sampling: how a geometric change reads between pixels; what it draws does not depend
  ///   on it.
  func apply(to image: Image, random: inout RandomSource, sampling: Sampling) -> Image
}

extension Augmentation {
  public var isGeometric: Bool { true }

  /// The image changed, between pixels interpolated linearly.
  public func apply(to image: Image, random: inout RandomSource) -> Image {
    apply(to: image, random: &random, sampling: .linear)
  }
}

/// How a geometric change reads between pixels.
public enum Sampling: Sendable {
  case linear
  /// The nearest pixel, as masks need it, whose values are names.
  case nearest
}

extension Float {
  /// The nearest number within bounds; of what is no number the lower bound.
  func clamped(to bounds: ClosedRange<Float>) -> Float {
    isNaN ? bounds.lowerBound : min(max(self, bounds.lowerBound), bounds.upperBound)
  }
}

extension RandomSource {
  /// A whole number, even in 0 ..< count, from one random word.
  static func place(_ word: UInt32, below count: Int) -> Int {
    Int((UInt64(word) * UInt64(count)) >> 32)
  }
}

extension Image {
  /// An image of this layout whose every pixel is taken from a place of this one, bilinearly between
  /// its neighbors or from the nearest of them; beyond the border the border's pixel repeats.
  ///
  /// - Parameter place: for the pixel (x, y) of the result, where to look in this image.
  @inline(__always)
  func warped(
    _ sampling: Sampling, _ place: (_ x: Int, _ y: Int) -> (x: Float, y: Float)
  ) -> Image {
    sampled(width: width, height: height, sampling, place)
  }

  /// The same in another size.
  @inline(__always)
  func sampled(
    width resultWidth: Int, height resultHeight: Int, _ sampling: Sampling,
    _ place: (_ x: Int, _ y: Int) -> (x: Float, y: Float)
  ) -> Image {
    var resized = layout
    (resized.width, resized.height) = (resultWidth, resultHeight)
    var result = Image(layout: resized)
    let (width, height, channels) = (width, height, channels)
    let (right, bottom) = (Float(width - 1), Float(height - 1))
    withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        guard let source = source.baseAddress?.assumingMemoryBound(to: UInt8.self),
          let target = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return }
        var output = target
        for y in 0..<resultHeight {
          for x in 0..<resultWidth {
            let wanted = place(x, y)
            // min and max put a NaN to a bound, too: every index below lies within the image.
            let column = max(0, min(right, wanted.x))
            let row = max(0, min(bottom, wanted.y))
            if sampling == .nearest {
              let near = (Int(row + 0.5) &* width &+ Int(column + 0.5)) &* channels
              for channel in 0..<channels { output[channel] = source[near &+ channel] }
              output += channels
              continue
            }
            let (left, top) = (Int(column), Int(row))
            let (along, down) = (column - Float(left), row - Float(top))
            let upper = source + (top &* width &+ left) &* channels
            let next = left &+ 1 < width ? channels : 0
            let lower = top &+ 1 < height ? upper + width &* channels : upper
            for channel in 0..<channels {
              let above =
                Float(upper[channel]) * (1 - along) + Float(upper[next &+ channel]) * along
              let below =
                Float(lower[channel]) * (1 - along) + Float(lower[next &+ channel]) * along
              output[channel] = UInt8(above * (1 - down) + below * down + 0.5)
            }
            output += channels
          }
        }
      }
    }
    return result
  }
}
