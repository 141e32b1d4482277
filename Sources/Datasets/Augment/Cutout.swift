import Images
import Tensors

/// Covers a square at a random place with one value.
///
/// The square's middle lies anywhere in the image, so that parts of it may lie outside. (DeVries and
/// Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout".)
public struct Cutout: Augmentation {
  /// The square's side in pixels.
  public let size: Int
  /// The value that covers, for all channels; the paper takes the mean of the data.
  public let value: UInt8

  public init(size: Int, value: UInt8 = 128) {
    self.size = min(max(size, 0), 65_535)
    self.value = value
  }

  public var isGeometric: Bool { false }

  public func apply(
    to image: Image, random: inout RandomSource, sampling: Sampling
  ) -> Image {
    let words = random.block(at: 0)
    random.counter &+= 1
    let (width, height, channels) = (image.width, image.height, image.channels)
    func side(_ word: UInt32, _ count: Int) -> Range<Int> {
      let start = RandomSource.place(word, below: count) - size / 2
      return min(max(start, 0), count)..<min(max(start + size, 0), count)
    }
    let (columns, rows) = (side(words[0], width), side(words[1], height))
    var result = image
    result.withUnsafeMutableBytes { samples in
      for y in rows {
        for position in (y * width + columns.lowerBound)
          * channels..<(y * width + columns.upperBound) * channels
        { samples[position] = value }
      }
    }
    return result
  }
}
