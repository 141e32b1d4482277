import Glibc
import Images
import LoopInterface

/// The bilateral filter (Tomasi and Manduchi 1998): the mean over a disc, weighted by a Gaussian of the
/// distance and one of the difference of colors, summed over the channels.
struct Bilateral: StepMaker {
  let diameter: Int
  let sigmaColor: Double
  let sigmaSpace: Double

  var options: Set<FilterOptions.Option> { [.border, .alpha] }

  static let largestDiameter = 99

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let radius = max(1, diameter / 2)
    let geometry = try WindowGeometry(
      layout, width: 2 * radius + 1, height: 2 * radius + 1, strideX: 1, strideY: 1,
      padding: .same, border: options.border ?? .reflect101)
    return BilateralStep(
      geometry: geometry, radius: radius, filter: self, loops: loops,
      weighs: layout.hasAlpha && options.alpha != .straight)
  }
}

private struct BilateralStep: RowStep {
  let geometry: WindowGeometry
  let radius: Int
  let filter: Bilateral
  let loops: LoopTable
  /// Whether colors are weighed by alpha, and alpha is filtered with them.
  let weighs: Bool

  var input: PixelLayout { geometry.input }
  var output: PixelLayout { geometry.output }
  var needsWholeImage: Bool { geometry.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { geometry.inputRows(for: rows) }

  func makeWorker() -> any RowWorker {
    input.sample == .uint8 && !input.hasAlpha ? ByteWorker(self) : DoubleWorker(self)
  }

  /// The pixels of the disc, and −r² / 2σ² of each.
  var disc: [(x: Int, y: Int, exponent: Double)] {
    let reach = -radius...radius
    return reach.flatMap { y in
      reach.filter { x in x * x + y * y <= radius * radius }.map { x in
        (x, y, -Double(x * x + y * y) / (2 * filter.sigmaSpace * filter.sigmaSpace))
      }
    }
  }
}

/// 8-bit images without alpha: the loops work on planes of `Float`, scaled so that the square of a
/// difference is the logarithm of its weight.
private final class ByteWorker: RowWorker {
  private let step: BilateralStep
  private let border: BorderRows
  private let disc: [(x: Int, y: Int, exponent: Double)]
  private let logs: Scratch<Float>
  private let pointers: Scratch<UnsafePointer<Float>>
  private let scale: Double
  /// Rows of planes: row r at the place r modulo the window's height.
  private let planes: Scratch<Float>
  private let planeLength: Int
  private var rowAt: [Int?]
  /// The column that stands for each column of an extended row; nil for the constant's.
  private let columns: [Int?]
  private let results: Scratch<UInt8>

  init(_ step: BilateralStep) {
    self.step = step
    border = BorderRows(step.input, step.geometry.border)
    disc = step.disc
    logs = Scratch(uninitialized: disc.count)
    for (index, pixel) in disc.enumerated() { logs.start[index] = Float(pixel.exponent / log(2)) }
    scale = 1 / (2 * log(2)).squareRoot() / step.filter.sigmaColor
    let block = BilateralLoops.blockLength
    let width = (step.input.width + block - 1) / block * block
    planeLength = width + 2 * step.radius
    let window = 2 * step.radius + 1
    planes = Scratch(window * step.input.channels * planeLength, filledWith: 0)
    rowAt = Array(repeating: nil, count: window)
    pointers = Scratch(disc.count, filledWith: UnsafePointer(planes.start))
    columns = (-step.radius..<step.input.width + step.radius).map {
      step.geometry.border.source(of: $0, count: step.input.width)
    }
    results = Scratch(uninitialized: width * step.input.channels)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let (layout, radius) = (step.output, step.radius)
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let width = planeLength - 2 * radius
    for row in rows {
      let window = (row - radius...row + radius).map { plane(of: $0, from: input) }
      for (index, pixel) in disc.enumerated() {
        pointers.start[index] = window[pixel.y + radius] + radius + pixel.x
      }
      let center = window[radius] + radius
      let bilateral = step.loops.bilateral
      if layout.channels == 1 {
        bilateral.gray(
          pointers.start, logs.start, disc.count, center, Float(1 / scale), width, results.start)
      } else {
        bilateral.color(
          pointers.start, logs.start, disc.count, center, planeLength, Float(1 / scale), width,
          results.start)
      }
      (samples + (row - rows.lowerBound) * layout.samplesPerRow).update(
        from: results.start, count: layout.samplesPerRow)
    }
  }

  /// The planes of a row of the extended image.
  private func plane(of row: Int, from input: InputRows) -> UnsafePointer<Float> {
    let place = (row % rowAt.count + rowAt.count) % rowAt.count
    let (channels, radius) = (step.input.channels, step.radius)
    let start = planes.start + place * channels * planeLength
    guard rowAt[place] != row else { return UnsafePointer(start) }
    rowAt[place] = row
    let source = border.row(row, from: input)
    let scale = Float(scale)
    for channel in 0..<channels {
      let plane = start + channel * planeLength
      let inside = plane + radius
      for x in 0..<step.input.width {
        inside[x] = Float(Int32(truncatingIfNeeded: source[x &* channels &+ channel])) * scale
      }
      let outside = Array(0..<radius) + Array(columns.count - radius..<columns.count)
      for x in outside {
        let sample = columns[x].map { source[$0 * channels + channel] } ?? border.value
        plane[x] = Float(sample) * scale
      }
    }
    return UnsafePointer(start)
  }
}

/// All other images, in `Double`; weights of whole differences are looked up.
private final class DoubleWorker: RowWorker {
  private let step: BilateralStep
  private let rows: PaddedRows<Double>
  private let disc: [(x: Int, y: Int, weight: Double)]
  /// The weight of each difference; empty for float samples.
  private let weights: [Double]
  private let result: Scratch<Double>
  private let finish: Finish

  init(_ step: BilateralStep) {
    self.step = step
    rows = SampleReader(layout: step.input, loops: step.loops).doubleRows(
      step.geometry, held: 2 * step.radius + 1, extendsColumns: true)
    disc = step.disc.map { ($0.x, $0.y, exp($0.exponent)) }
    let factor = -1 / (2 * step.filter.sigmaColor * step.filter.sigmaColor)
    let largest = step.input.sample.maximum.map { Int($0) * step.input.colorChannels }
    weights = largest.map { largest in (0...largest).map { exp(Double($0 * $0) * factor) } } ?? []
    result = Scratch(step.output.samplesPerRow, filledWith: 0)
    finish =
      ResultStep(FilterOptions(), step.geometry, step.loops) {
        BoxResults(step.geometry, step.loops)
      }.finish
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let layout = step.output
    for row in rows {
      let window = (row - step.radius...row + step.radius).map { self.rows.row($0, from: input) }
      for x in 0..<layout.width where x % 256 != 0 || !input.isCancelled {
        if step.weighs { weighedAverage(around: x, window) } else { average(around: x, window) }
      }
      let place = output + (row - rows.lowerBound) * layout.bytesPerRow
      let samples = step.loops.samples
      switch layout.sample {
      case .uint8:
        samples.finishUInt8(
          result.start, layout.samplesPerRow, finish, place.assumingMemoryBound(to: UInt8.self))
      case .uint16:
        samples.finishUInt16(
          result.start, layout.samplesPerRow, finish, place.assumingMemoryBound(to: UInt16.self))
      case .float32:
        samples.finishFloat(
          result.start, layout.samplesPerRow, finish, place.assumingMemoryBound(to: Float.self))
      }
      if layout.hasAlpha, !step.weighs {
        copyLastChannel(layout, from: input[row], into: place) { $0 }
      }
    }
  }

  private func average(around x: Int, _ window: [UnsafePointer<Double>]) {
    let (channels, colors) = (step.output.channels, step.output.colorChannels)
    let factor = -1 / (2 * step.filter.sigmaColor * step.filter.sigmaColor)
    let center = window[step.radius] + (x + step.radius) * channels
    var sums = (0.0, 0.0, 0.0)
    var total = 0.0
    for pixel in disc {
      let other = window[pixel.y + step.radius] + (x + step.radius + pixel.x) * channels
      var difference = 0.0
      for channel in 0..<colors { difference += (other[channel] - center[channel]).magnitude }
      let color =
        weights.isEmpty ? exp(difference * difference * factor) : weights[Int(difference)]
      let weight = pixel.weight * color
      total += weight
      sums.0 += weight * other[0]
      if colors == 3 {
        sums.1 += weight * other[1]
        sums.2 += weight * other[2]
      }
    }
    let place = result.start + x * channels
    place[0] = sums.0 / total
    if colors == 3 {
      place[1] = sums.1 / total
      place[2] = sums.2 / total
    }
  }

  /// Over colors times alpha and alpha, whose differences are summed, too: what is invisible is all
  /// alike, and where all is opaque that is the average without alpha.
  private func weighedAverage(around x: Int, _ window: [UnsafePointer<Double>]) {
    let (channels, colors) = (step.output.channels, step.output.colorChannels)
    let factor = -1 / (2 * step.filter.sigmaColor * step.filter.sigmaColor)
    let white = step.input.sample.white
    let center = window[step.radius] + (x + step.radius) * channels
    let coverage = center[colors] / white
    var sums = (0.0, 0.0, 0.0)
    var (alphas, total) = (0.0, 0.0)
    for pixel in disc {
      let other = window[pixel.y + step.radius] + (x + step.radius + pixel.x) * channels
      let share = other[colors] / white
      var difference = (other[colors] - center[colors]).magnitude
      for channel in 0..<colors {
        difference += (other[channel] * share - center[channel] * coverage).magnitude
      }
      let weight = pixel.weight * exp(difference * difference * factor)
      total += weight
      alphas += weight * share
      sums.0 += weight * share * other[0]
      if colors == 3 {
        sums.1 += weight * share * other[1]
        sums.2 += weight * share * other[2]
      }
    }
    let place = result.start + x * channels
    let scale = alphas > 0 ? 1 / alphas : 0
    place[0] = sums.0 * scale
    if colors == 3 {
      place[1] = sums.1 * scale
      place[2] = sums.2 * scale
    }
    place[colors] = alphas / total * white
  }
}
