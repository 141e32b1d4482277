import Images
import LoopInterface

/// Luma of ITU-R BT.601 in place of red, green and blue, alpha carried along; an image without
/// color stays as it is.
///
/// 8-bit samples take weights of 15 bits and round half up, as OpenCV's `cvtColor` does; 16-bit ones,
/// for which these are too coarse, the exact weights.
struct GrayStep: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  fileprivate let loops: PointLoops
  let needsWholeImage = false

  init(_ input: PixelLayout, _ loops: LoopTable) {
    self.input = input
    output = input.inGray
    self.loops = loops.point
  }

  func inputRows(for rows: Range<Int>) -> Range<Int> { rows }
  func makeWorker() -> any RowWorker { GrayWorker(step: self) }
}

extension PixelLayout {
  /// The same with luma in place of colors.
  var inGray: PixelLayout {
    var layout = self
    layout.channels = hasAlpha ? 2 : 1
    return layout
  }
}

private final class GrayWorker: RowWorker {
  private let step: GrayStep

  init(step: GrayStep) { self.step = step }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    for row in rows {
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      switch step.input.sample {
      case .uint8:
        if step.input.channels == 3 {
          step.loops.lumaUInt8(
            input.samples(row, as: UInt8.self), 3, step.input.width,
            place.assumingMemoryBound(to: UInt8.self))
        } else {
          map(input[row], place, UInt8.self, luma)
        }
      case .uint16:
        map(input[row], place, UInt16.self, luma)
      case .float32:
        map(input[row], place, Float.self) { $0 * 0.299 + $1 * 0.587 + $2 * 0.114 }
      }
    }
  }

  @inline(__always)
  private func map<Sample>(
    _ source: UnsafeRawPointer, _ place: UnsafeMutableRawPointer, _ type: Sample.Type,
    _ luma: (Sample, Sample, Sample) -> Sample
  ) {
    let from = source.assumingMemoryBound(to: type)
    let to = place.assumingMemoryBound(to: type)
    let (inputs, outputs) = (step.input.channels, step.output.channels)
    if inputs == outputs {
      to.update(from: from, count: step.input.samplesPerRow)
      return
    }
    for x in 0..<step.input.width {
      let pixel = from + x * inputs
      to[x * outputs] = luma(pixel[0], pixel[1], pixel[2])
      if outputs == 2 { to[x * 2 + 1] = pixel[3] }
    }
  }
}

/// Luma of 16-bit samples, the nearest level.
@inline(__always)
func luma(_ red: UInt16, _ green: UInt16, _ blue: UInt16) -> UInt16 {
  let sum = 299 &* UInt32(red) &+ 587 &* UInt32(green) &+ 114 &* UInt32(blue)
  return UInt16(truncatingIfNeeded: (sum &+ 500) / 1000)
}
