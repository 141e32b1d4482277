import Images
import LoopInterface

/// ``CLAHE`` on samples of 8 bits: what the four tiles around a pixel make of its luma is looked up at once, as
/// the bytes of a word, and a loop over the row interpolates between them.
final class CLAHEBytes: RowWorker {
  private let step: CLAHEStep
  private let curves: CLAHECurves
  /// For every segment and every sample the results of its four tiles, one a byte.
  private let quads: Scratch<UInt32>
  /// The rows of tiles that `quads` is of.
  private var quadBands = (-1, -1)
  private let segments: [CLAHESegment]
  /// For each column the weights of both its tiles.
  private let (left, right): (Scratch<Float>, Scratch<Float>)
  /// Of a row: luma, what the four tiles make of it, and the result.
  private let (old, new): (Scratch<UInt8>, Scratch<UInt8>)
  private let corners: Scratch<UInt32>

  init(_ step: CLAHEStep) {
    self.step = step
    curves = CLAHECurves(step)
    let (segments, weights) = step.segments()
    self.segments = segments
    quads = Scratch(segments.count * curves.levels, filledWith: 0)
    let width = step.input.width
    (left, right) = (Scratch(uninitialized: width), Scratch(uninitialized: width))
    for x in 0..<width { (left.start[x], right.start[x]) = (1 - weights[x], weights[x]) }
    (old, new) = (Scratch(uninitialized: width), Scratch(uninitialized: width))
    corners = Scratch(uninitialized: width)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    for row in rows {
      let (above, below, weight) = step.bands(of: row)
      prepare(above, below, from: input)
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      compute(
        weight, from: input.samples(row, as: UInt8.self),
        into: place.assumingMemoryBound(to: UInt8.self))
    }
  }

  private func compute(
    _ weight: Float, from pixels: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<UInt8>
  ) {
    let (channels, width) = (step.input.channels, step.input.width)
    let loops = step.loops.point
    if channels == 1 {
      interpolate(pixels, weight, into: output)
      return
    }
    if channels == 2 {
      for x in 0..<width { old.start[x] = pixels[2 &* x] }
    } else {
      loops.lumaUInt8(pixels, channels, width, old.start)
    }
    interpolate(old.start, weight, into: new.start)
    if channels == 2 {
      for x in 0..<width {
        (output[2 &* x], output[2 &* x &+ 1]) = (new.start[x], pixels[2 &* x &+ 1])
      }
    } else {
      loops.addChangeUInt8(pixels, channels, old.start, new.start, width, output)
    }
  }

  /// The results of a row of luma.
  private func interpolate(
    _ samples: UnsafePointer<UInt8>, _ weight: Float, into output: UnsafeMutablePointer<UInt8>
  ) {
    let corners = corners.start
    var table = quads.start
    for segment in segments {
      for x in segment.columns { corners[x] = table[Int(samples[x])] }
      table += curves.levels
    }
    step.loops.point.interpolateBytes(
      corners, left.start, right.start, 1 - weight, weight, step.input.width, output)
  }

  /// Makes the quads of two rows of tiles.
  private func prepare(_ above: Int, _ below: Int, from input: InputRows) {
    guard quadBands != (above, below) else { return }
    quadBands = (above, below)
    let (upper, lower) = curves.curves(above, below, from: input)
    for (index, segment) in segments.enumerated() {
      let (left, right) = (segment.left * curves.levels, segment.right * curves.levels)
      for sample in 0..<curves.levels {
        let bytes = [
          upper[left + sample], upper[right + sample], lower[left + sample], lower[right + sample],
        ]
        quads.start[index * curves.levels + sample] = bytes.reversed().reduce(0) {
          $0 << 8 | UInt32($1)
        }
      }
    }
  }
}
