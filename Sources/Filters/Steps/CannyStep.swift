import Images
import LoopInterface

/// Canny's edge detector (“A computational approach to edge detection”, 1986), as OpenCV computes it:
/// white where the gradient is largest across an edge and above `low`, if what it belongs to exceeds
/// `high` somewhere. Of colors the one with the strongest gradient counts.
struct Canny: StepMaker {
  let low: Double
  let high: Double
  /// The side of Sobel's kernels: 3, 5 or 7.
  let aperture: Int
  /// Whether a gradient's length is √(x² + y²) rather than |x| + |y|.
  let isEuclidean: Bool

  var options: Set<FilterOptions.Option> { [.border] }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let geometry = try WindowGeometry(
      layout, width: aperture, height: aperture, strideX: 1, strideY: 1, padding: .same,
      border: options.border ?? .replicate)
    let candidates = EdgeCandidates(geometry: geometry, filter: self, loops: loops)
    return ComposedStep(candidates, HysteresisStep(candidates.output, sample: layout.sample))
  }

  /// The thresholds as they are compared with lengths (with their squares where it is Euclidean): of
  /// whole samples whole ones.
  func limits(of sample: SampleType) -> (low: Double, high: Double) {
    var (low, high) = (min(low, high), max(low, high))
    if sample != .float32 {
      if aperture == 7 { (low, high) = (low / 16, high / 16) }
      if isEuclidean, sample == .uint8 { (low, high) = (min(low, 32_767), min(high, 32_767)) }
    }
    if isEuclidean { (low, high) = (low * low, high * high) }
    return sample == .float32 ? (low, high) : (low.rounded(.down), high.rounded(.down))
  }
}

/// Codes of pixels: 2 for what is an edge for sure, 1 for what is one where it touches such, else 0.
private struct EdgeCandidates: RowStep {
  let geometry: WindowGeometry
  let filter: Canny
  let loops: LoopTable

  var input: PixelLayout { geometry.input }
  var output: PixelLayout {
    PixelLayout(width: input.width, height: input.height, channels: 1)
  }
  var needsWholeImage: Bool { geometry.needsWholeImage }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    // The rows above and below are compared with, too.
    geometry.inputRows(
      for: max(0, rows.lowerBound - 1)..<min(input.height, rows.upperBound + 1))
  }

  func makeWorker() -> any RowWorker {
    let isFast = input.sample == .uint8 && filter.aperture == 3 && !filter.isEuclidean
    return isFast ? ByteWorker(self) : DoubleWorker(self)
  }
}

/// The usual case: 8-bit samples, windows of 3 × 3, |x| + |y|.
private final class ByteWorker: RowWorker {
  private let step: EdgeCandidates
  private let rows: PaddedRows<UInt8>
  private let ring: GradientRing<Int16, UInt16>
  /// The derivatives of all channels.
  private let x: Scratch<Int16>
  private let y: Scratch<Int16>

  init(_ step: EdgeCandidates) {
    self.step = step
    let constant = SampleReader(layout: step.input, loops: step.loops)
      .borderValue(step.geometry.border)
    rows = PaddedRows(
      step.geometry, held: 3, extendsColumns: true, constant: UInt8(constant)
    ) { $2.update(from: $0.assumingMemoryBound(to: UInt8.self), count: $1) }
    ring = GradientRing(width: step.input.width, zero: 0, zeroMagnitude: 0)
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
    canny.gradient3(
      rows.row(row - 1, from: input) + channels, rows.row(row, from: input) + channels,
      rows.row(row + 1, from: input) + channels, channels, layout.samplesPerRow,
      isGray ? x : self.x.start, isGray ? y : self.y.start)
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

/// All other cases, in `Double`, which holds all their whole numbers.
private final class DoubleWorker: RowWorker {
  private let step: EdgeCandidates
  private let rows: PaddedRows<Double>
  private let ring: GradientRing<Double, Double>
  private let smooth: [Double]
  private let derive: [Double]
  private let sums: Scratch<Double>
  private let differences: Scratch<Double>

  init(_ step: EdgeCandidates) {
    self.step = step
    rows = SampleReader(layout: step.input, loops: step.loops).doubleRows(
      step.geometry, held: step.filter.aperture, extendsColumns: true)
    ring = GradientRing(width: step.input.width, zero: 0, zeroMagnitude: 0)
    (smooth, derive) =
      switch step.filter.aperture {
      case 3: ([1, 2, 1], [-1, 0, 1])
      case 5: ([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1])
      default: ([1, 6, 15, 20, 15, 6, 1], [-1, -4, -5, 0, 5, 4, 1])
      }
    sums = Scratch(rows.count, filledWith: 0)
    differences = Scratch(rows.count, filledWith: 0)
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
      for x in 0..<rows.count {
        sums.start[x] += smooth[tap] * source[x]
        differences.start[x] += derive[tap] * source[x]
      }
    }
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

/// The derivatives of three rows and their magnitudes, with a nought on both sides of a row; rows outside of the
/// image are noughts.
private final class GradientRing<Number: BitwiseCopyable, Magnitude: BitwiseCopyable> {
  private let length: Int
  private let derivatives: Scratch<Number>
  private let magnitudes: Scratch<Magnitude>
  private let outside: Scratch<Magnitude>
  private var rowAt = [-1, -1, -1]

  init(width: Int, zero: Number, zeroMagnitude: Magnitude) {
    length = width + 2
    derivatives = Scratch(6 * length, filledWith: zero)
    magnitudes = Scratch(3 * length, filledWith: zeroMagnitude)
    outside = Scratch(length, filledWith: zeroMagnitude)
  }

  func holds(_ row: Int) -> Bool { rowAt[row % 3] == row }

  /// Where the numbers of a row belong, which it holds from now on.
  func place(_ row: Int) -> (
    x: UnsafeMutablePointer<Number>, y: UnsafeMutablePointer<Number>,
    magnitudes: UnsafeMutablePointer<Magnitude>
  ) {
    rowAt[row % 3] = row
    let start = derivatives.start + row % 3 * 2 * length
    return (start, start + length, magnitudes.start + row % 3 * length + 1)
  }

  func x(_ row: Int) -> UnsafePointer<Number> {
    UnsafePointer(derivatives.start) + row % 3 * 2 * length
  }
  func y(_ row: Int) -> UnsafePointer<Number> { x(row) + length }

  func magnitudes(_ row: Int, _ height: Int) -> UnsafePointer<Magnitude> {
    guard row >= 0, row < height else { return UnsafePointer(outside.start) + 1 }
    return UnsafePointer(magnitudes.start) + row % 3 * length + 1
  }
}
