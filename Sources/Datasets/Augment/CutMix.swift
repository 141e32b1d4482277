import Images
import Tensors

/// Pastes a part of another training image into an image and mixes their classes by area.
///
/// The part has the image's shape and a share of its area drawn evenly from 0…1; it lies at the same place
/// in both images, its middle anywhere, so that some of it may lie outside. (Yun et al. 2019, "CutMix:
/// Regularization Strategy to Train Strong Classifiers with Localizable Features", arXiv 1905.04899, with
/// α = 1.)
public struct CutMix: Sendable {
  /// How often an image is mixed, 0…1.
  public let probability: Float

  public init(probability: Float = 0.5) {
    self.probability = probability.clamped(to: 0...1)
  }

  /// A part of an image.
  package struct Part: Equatable {
    package var columns: Range<Int>
    package var rows: Range<Int>
    package var area: Int { columns.count * rows.count }
  }

  /// The part that is pasted; nil where the image stays as it is.
  package func part(width: Int, height: Int, random: inout RandomSource) -> Part? {
    let words = random.block(at: 0)
    random.counter &+= 1
    guard RandomSource.uniform(words[0]) < probability else { return nil }
    let side = RandomSource.uniform(words[1]).squareRoot()
    func range(_ word: UInt32, _ count: Int) -> Range<Int> {
      let length = Int((side * Float(count)).rounded())
      let start = RandomSource.place(word, below: count) - length / 2
      return min(max(start, 0), count)..<min(max(start + length, 0), count)
    }
    let part = Part(columns: range(words[2], width), rows: range(words[3], height))
    return part.area > 0 ? part : nil
  }
}

extension Image {
  /// Takes a part over from another image of the same layout.
  mutating func paste(_ part: CutMix.Part, of other: Image) {
    precondition(layout == other.layout, "images of one layout")
    let (row, pixel) = (width * layout.channels, layout.channels)
    withUnsafeMutableBytes { target in
      other.withUnsafeBytes { source in
        for y in part.rows {
          let run =
            y * row + part.columns.lowerBound * pixel..<y * row + part.columns.upperBound * pixel
          UnsafeMutableRawBufferPointer(rebasing: target[run]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[run]))
        }
      }
    }
  }
}
