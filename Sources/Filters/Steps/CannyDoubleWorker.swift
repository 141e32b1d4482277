import Images

/// All other cases, in `Double`, which holds all their whole numbers.
final class CannyDoubleWorker: RowWorker {
  private let step: CannyCandidates
  private let rows: PaddedRows<Double>
  private let ring: CannyGradients<Double, Double>
  private let smooth: [Double]
  private let derive: [Double]
  private let sums: Scratch<Double>
  private let differences: Scratch<Double>
  /// A row whose colors are multiplied by alpha, which is 0…1.
  private let weighed: Scratch<Double>

  init(_ step: CannyCandidates) {
    self.step = step
    rows = SampleReader(layout: step.input, loops: step.loops).doubleRows(
      step.geometry, held: step.filter.aperture, extendsColumns: true)
    ring = CannyGradients(width: step.input.width, zero: 0, zeroMagnitude: 0)
    (smooth, derive) =
      switch step.filter.aperture {
      case 3: ([1, 2, 1], [-1, 0, 1])
      case 5: ([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1])
      default: ([1, 6, 15, 20, 15, 6, 1], [-1, -4, -5, 0, 5, 4, 1])
      }
    sums = Scratch(rows.count, filledWith: 0)
    differences = Scratch(rows.count, filledWith: 0)
    weighed = Scratch(step.weighs ? rows.count : 0, filledWith: 0)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let (width, height) = (step.input.width, step.input.height)
    let (low, high) = step.filter.limits(of: step.input.sample)
    for row in rows {
      for next in max(0, row - 1)...min(height - 1, row + 1) where !ring.holds(next) {
        gradient(next, from: input)
      }
      let (above, below) = (ring.magnitudes(row - 1, height), ring.magnitudes(row + 1, height))
      let (middle, dx, dy) = (ring.magnitudes(row, height), ring.x(row), ring.y(row))
      let place = samples + (row - rows.lowerBound) * width
      for i in 0..<width {
        let m = middle[i]
        guard m > low else {
          place[i] = 0
          continue
        }
        let (x, y) = (dx[i].magnitude, dy[i].magnitude * 32_768)
        let tangent = x * 13_573
        let isLargest: Bool
        if y < tangent {
          isLargest = m > middle[i - 1] && m >= middle[i + 1]
        } else if y > tangent + x * 65_536 {
          isLargest = m > above[i] && m >= below[i]
        } else {
          let side = (dx[i] < 0) != (dy[i] < 0) ? -1 : 1
          isLargest = m > above[i - side] && m > below[i + side]
        }
        place[i] = isLargest ? (m > high ? 2 : 1) : 0
      }
    }
  }

  private func gradient(_ row: Int, from input: InputRows) {
    let (layout, aperture) = (step.input, step.filter.aperture)
    let channels = layout.channels
    sums.start.update(repeating: 0, count: rows.count)
    differences.start.update(repeating: 0, count: rows.count)
    for tap in 0..<aperture {
      let source = rows.row(row - aperture / 2 + tap, from: input)
      if step.weighs { premultiply(source) }
      let samples = step.weighs ? UnsafePointer(weighed.start) : source
      for x in 0..<rows.count {
        sums.start[x] += smooth[tap] * samples[x]
        differences.start[x] += derive[tap] * samples[x]
      }
    }
    let centers = rows.row(row, from: input) + aperture / 2 * channels
    let isScaled = aperture == 7 && layout.sample != .float32
    let (x, y, magnitudes) = ring.place(row)
    for pixel in 0..<layout.width {
      var strongest = -1.0
      for channel in 0..<layout.colorChannels {
        var (dx, dy) = (0.0, 0.0)
        for tap in 0..<aperture {
          let place = (pixel + tap) * channels + channel
          dx += derive[tap] * sums.start[place]
          dy += smooth[tap] * differences.start[place]
        }
        if step.weighs {
          (dx, dy) = visible(dx, dy, pixel: pixel, channel: channel, centers)
        }
        if isScaled {
          (dx, dy) = ((dx / 16).rounded(.toNearestOrEven), (dy / 16).rounded(.toNearestOrEven))
        }
        let magnitude = step.filter.isEuclidean ? dx * dx + dy * dy : dx.magnitude + dy.magnitude
        guard magnitude > strongest else { continue }
        strongest = magnitude
        (x[pixel], y[pixel], magnitudes[pixel]) = (dx, dy, magnitude)
      }
    }
  }
}

extension CannyDoubleWorker {
  private func premultiply(_ row: UnsafePointer<Double>) {
    let (channels, last) = (step.input.channels, step.input.channels - 1)
    let white = step.input.sample.white
    for start in stride(from: 0, to: rows.count, by: channels) {
      let share = row[start + last] / white
      for channel in 0..<last { weighed.start[start + channel] = row[start + channel] * share }
      weighed.start[start + last] = share
    }
  }

  /// The derivatives where what is invisible has the color of the window's center.
  private func visible(
    _ dx: Double, _ dy: Double, pixel: Int, channel: Int, _ centers: UnsafePointer<Double>
  ) -> (Double, Double) {
    let (channels, last) = (step.input.channels, step.input.channels - 1)
    let center = centers + pixel * channels
    guard center[last] > 0 else { return (0, 0) }
    var (alphaX, alphaY) = (0.0, 0.0)
    for tap in derive.indices {
      let place = (pixel + tap) * channels + last
      alphaX += derive[tap] * sums.start[place]
      alphaY += smooth[tap] * differences.start[place]
    }
    let (x, y) = (dx - center[channel] * alphaX, dy - center[channel] * alphaY)
    guard step.input.sample != .float32 else { return (x, y) }
    return (x.rounded(.toNearestOrEven), y.rounded(.toNearestOrEven))
  }
}
