import Images
import LoopInterface

/// The usual case: 8-bit samples, windows of 3 × 3, |x| + |y|.
final class CannyByteWorker: RowWorker {
  private let step: CannyCandidates
  private let rows: PaddedRows<UInt8>
  private let ring: CannyGradients<Int16, UInt16>
  /// The derivatives of all channels.
  private let x: Scratch<Int16>
  private let y: Scratch<Int16>

  init(_ step: CannyCandidates) {
    self.step = step
    let constant = SampleReader(layout: step.input, loops: step.loops)
      .borderValue(step.geometry.border)
    rows = PaddedRows(
      step.geometry, held: 3, extendsColumns: true, constant: UInt8(constant)
    ) { $2.update(from: $0.assumingMemoryBound(to: UInt8.self), count: $1) }
    ring = CannyGradients(width: step.input.width, zero: 0, zeroMagnitude: 0)
    x = Scratch(step.input.samplesPerRow, filledWith: 0)
    y = Scratch(step.input.samplesPerRow, filledWith: 0)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let (width, height) = (step.input.width, step.input.height)
    let limits = step.filter.limits(of: .uint8)
    let (low, high) = (UInt16(min(limits.low, 65_535)), UInt16(min(limits.high, 65_535)))
    for row in rows {
      for next in max(0, row - 1)...min(height - 1, row + 1) where !ring.holds(next) {
        gradient(next, from: input)
      }
      step.loops.canny.suppress(
        ring.magnitudes(row - 1, height), ring.magnitudes(row, height),
        ring.magnitudes(row + 1, height), ring.x(row), ring.y(row), low, high, width,
        samples + (row - rows.lowerBound) * width)
    }
  }

  private func gradient(_ row: Int, from input: InputRows) {
    let (layout, canny) = (step.input, step.loops.canny)
    let channels = layout.channels
    let (x, y, magnitudes) = ring.place(row)
    let isGray = channels == 1
    let window = (-1...1).map { rows.row(row + $0, from: input) }
    canny.gradient3(
      window[0] + channels, window[1] + channels, window[2] + channels, channels,
      layout.samplesPerRow, isGray ? x : self.x.start, isGray ? y : self.y.start)
    if step.weighs, !window.allSatisfy({ isOpaque($0) }) { weigh(window) }
    switch channels {
    case 1: canny.magnitude(x, y, layout.width, magnitudes)
    case 3: canny.strongest(self.x.start, self.y.start, layout.width, x, y, magnitudes)
    default:
      // Beside alpha.
      for pixel in 0..<layout.width {
        var strongest = -1
        for channel in 0..<layout.colorChannels {
          let place = pixel * channels + channel
          let (dx, dy) = (self.x.start[place], self.y.start[place])
          let magnitude = abs(Int(dx)) + abs(Int(dy))
          guard magnitude > strongest else { continue }
          strongest = magnitude
          (x[pixel], y[pixel], magnitudes[pixel]) = (dx, dy, UInt16(magnitude))
        }
      }
    }
  }
}

extension CannyByteWorker {
  /// Whether a row is, and what the border puts on both sides.
  private func isOpaque(_ row: UnsafePointer<UInt8>) -> Bool {
    let (channels, count) = (step.input.channels, step.input.width + 2)
    var all = UInt8.max
    for pixel in 1...count { all &= row[pixel * channels - 1] }
    return all == .max
  }

  /// Puts the derivatives of what is visible in the place of those of windows that are not opaque.
  private func weigh(_ window: [UnsafePointer<UInt8>]) {
    let (channels, last) = (step.input.channels, step.input.channels - 1)
    for pixel in 0..<step.input.width {
      let start = pixel * channels
      var all = UInt8.max
      for row in window {
        for column in 0..<3 { all &= row[start + column * channels + last] }
      }
      if all == .max { continue }
      let isVisible = window[1][start + channels + last] > 0
      for channel in 0..<last {
        let center = Int(window[1][start + channels + channel])
        func seen(_ row: Int, _ column: Int) -> Int {
          let place = start + column * channels
          return (Int(window[row][place + channel]) - center) * Int(window[row][place + last])
        }
        let right = seen(0, 2) + 2 * seen(1, 2) + seen(2, 2)
        let left = seen(0, 0) + 2 * seen(1, 0) + seen(2, 0)
        let below = seen(2, 0) + 2 * seen(2, 1) + seen(2, 2)
        let above = seen(0, 0) + 2 * seen(0, 1) + seen(0, 2)
        let place = start + channel
        x.start[place] = isVisible ? rounded(right - left) : 0
        y.start[place] = isVisible ? rounded(below - above) : 0
      }
    }
  }

  /// A sum of samples times alpha, as samples: of at most 4 · 255 in size.
  private func rounded(_ sum: Int) -> Int16 {
    Int16((Double(sum) / 255).rounded(.toNearestOrEven))
  }
}
