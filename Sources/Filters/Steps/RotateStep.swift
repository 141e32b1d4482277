import Glibc
import Images
import LoopInterface

/// A turn by any angle around the center, on a canvas that holds all of the image.
struct Rotate: StepMaker {
  /// Degrees clockwise.
  let angle: Double
  let background: Background

  func check() throws(FilterError) {
    guard angle.magnitude <= 360 else {
      throw .badArgument("rotate \(angle): give degrees from -360 to 360")
    }
  }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let turns = angle / 90
    guard turns == turns.rounded() else {
      return RotateStep(input: layout, angle: angle, background, loops.rotate)
    }
    let orientations: [Orientation] = [
      .upright, .quarterTurnClockwise, .upsideDown, .quarterTurnCounterclockwise,
    ]
    return try Turn(orientations[(Int(turns) % 4 + 4) % 4]).step(for: layout, options, loops)
  }
}

private struct RotateStep: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  let loops: RotateLoops
  let cosine: Double
  let sine: Double
  /// A pixel around the image in units of samples, and with its colors multiplied by alpha (0…1) and
  /// alpha as a share.
  let backgroundPixel: [Double]
  let background: [Double]

  init(input: PixelLayout, angle: Double, _ background: Background, _ loops: RotateLoops) {
    self.input = input
    self.loops = loops
    (cosine, sine) = (cos(angle * .pi / 180), sin(angle * .pi / 180))
    var output = background.layout(over: input)
    let (w, h) = (Double(input.width), Double(input.height))
    // A side that is whole but for rounding is not to grow by a pixel.
    output.width = Int((w * abs(cosine) + h * abs(sine) - 1e-6).rounded(.up))
    output.height = Int((w * abs(sine) + h * abs(cosine) - 1e-6).rounded(.up))
    self.output = output
    backgroundPixel = background.pixel(of: output)
    self.background = premultiplied(backgroundPixel, output)
  }

  var needsWholeImage: Bool { true }
  func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<input.height }
  func makeWorker() -> any RowWorker { RotateWorker(self) }

  /// The place in the image that the center of an output's pixel lies over, in pixels from the center
  /// of the first.
  func place(x: Int, y: Int) -> (x: Double, y: Double) {
    let dx = Double(x) + 0.5 - Double(output.width) / 2
    let dy = Double(y) + 0.5 - Double(output.height) / 2
    return (
      dx * cosine + dy * sine + Double(input.width) / 2 - 0.5,
      dy * cosine - dx * sine + Double(input.height) / 2 - 0.5
    )
  }

  /// The columns of an output's row whose places have x and y within these bounds, or fewer.
  func columns(ofRow row: Int, x: ClosedRange<Double>, y: ClosedRange<Double>) -> Range<Int> {
    let start = place(x: 0, y: row)
    var (low, high) = (0.0, Double(output.width - 1))
    for (first, slope, bounds) in [(start.x, cosine, x), (start.y, -sine, y)] {
      if abs(slope) < 1e-12 {
        if !bounds.contains(first) { return 0..<0 }
        continue
      }
      let ends = [(bounds.lowerBound - first) / slope, (bounds.upperBound - first) / slope]
      (low, high) = (max(low, min(ends[0], ends[1])), min(high, max(ends[0], ends[1])))
    }
    let (from, to) = (Int(low.rounded(.up)), Int(high.rounded(.down)))
    return from <= to ? from..<to + 1 : 0..<0
  }
}

/// Colors multiplied by alpha, for a pixel that has some.
private func premultiplied(_ pixel: [Double], _ layout: PixelLayout) -> [Double] {
  guard layout.hasAlpha, let alpha = pixel.last else { return pixel }
  let share = alpha / layout.sample.white
  return pixel.dropLast().map { $0 * share } + [share]
}

private final class RotateWorker: RowWorker {
  private let step: RotateStep
  /// A row of background.
  private let emptyRow: Image
  /// A row of gray that is to have alpha.
  private let grayRow: Scratch<UInt8>

  init(_ step: RotateStep) {
    self.step = step
    grayRow = Scratch(step.output.width, filledWith: 0)
    var row = step.output
    row.height = 1
    emptyRow = Image(filling: row, with: step.backgroundPixel)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    for row in rows {
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      switch step.output.sample {
      case .uint8:
        compute(row, input, place, as: UInt8.self, fast: fastRow) {
          Double($0)
        } sample: {
          UInt8(min(max($0.rounded(.toNearestOrEven), 0), 255))
        }
      case .uint16:
        compute(row, input, place, as: UInt16.self, fast: nil) {
          Double($0)
        } sample: {
          UInt16(min(max($0.rounded(.toNearestOrEven), 0), 65_535))
        }
      case .float32:
        compute(row, input, place, as: Float.self, fast: nil) {
          Double($0)
        } sample: {
          Float($0)
        }
      }
    }
  }

  /// The loop for pixels whose four neighbors are inside the image, if there is one.
  private var fastRow: RotateLoops.Row? {
    guard step.input.byteCount < RotateLoops.largestImage else { return nil }
    switch (step.input.channels, step.output.channels) {
    case (1, 1), (1, 2): return step.loops.gray
    case (3, 3): return step.loops.rgb
    case (3, 4): return step.loops.rgbToOpaque
    default: return nil
    }
  }

  private func compute<Sample: BitwiseCopyable>(
    _ row: Int, _ input: InputRows, _ target: UnsafeMutableRawPointer, as type: Sample.Type,
    fast: RotateLoops.Row?, _ number: (Sample) -> Double, sample: (Double) -> Sample
  ) {
    let samples = target.assumingMemoryBound(to: type)
    let (width, height) = (step.input.width, step.input.height)
    emptyRow.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        target.copyMemory(from: base, byteCount: step.output.bytesPerRow)
      }
    }
    // A little more than all that has something of the image.
    let touching = step.columns(
      ofRow: row, x: -1.001...Double(width) + 0.001, y: -1.001...Double(height) + 0.001)
    if touching.isEmpty { return }
    var inside = touching.lowerBound..<touching.lowerBound
    if let fast {
      // A little less than all, so that rounding leads nowhere outside; the last row is left to the blending
      // below.
      let wanted = step.columns(
        ofRow: row, x: 0.001...max(0.001, Double(width) - 1.001),
        y: 0.001...max(0.001, Double(height) - 2.001))
      if !wanted.isEmpty, width > 2, height > 3 {
        inside = wanted
        let place = step.place(x: inside.lowerBound, y: row)
        let scale = 4_294_967_296.0
        let first = (target + inside.lowerBound * step.output.channels)
          .assumingMemoryBound(to: UInt8.self)
        let grays = step.input.channels == 1 && step.output.hasAlpha
        fast(
          input[0].assumingMemoryBound(to: UInt8.self), input.bytesPerRow,
          Int64((place.x * scale).rounded()), Int64((place.y * scale).rounded()),
          Int64((step.cosine * scale).rounded()), Int64((-step.sine * scale).rounded()),
          inside.count, grays ? grayRow.start : first)
        if grays {
          for x in 0..<inside.count {
            first[2 &* x] = grayRow.start[x]
            first[2 &* x &+ 1] = 255
          }
        }
      }
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: step.output.channels) { buffer in
      guard let sum = buffer.baseAddress else { return }
      for columns in [
        touching.lowerBound..<inside.lowerBound, inside.upperBound..<touching.upperBound,
      ] {
        for x in columns {
          blend(x, row, input, as: type, number, into: sum)
          for c in 0..<step.output.channels {
            samples[x * step.output.channels + c] = sample(sum[c])
          }
        }
      }
    }
  }

  /// One pixel, in units of samples: the four around its place, weighed by alpha; what lies outside is
  /// background.
  private func blend<Sample: BitwiseCopyable>(
    _ x: Int, _ y: Int, _ input: InputRows, as type: Sample.Type, _ number: (Sample) -> Double,
    into sum: UnsafeMutablePointer<Double>
  ) {
    let (from, to) = (step.input, step.output)
    let white = to.sample.white
    let place = step.place(x: x, y: y)
    let (left, top) = (place.x.rounded(.down), place.y.rounded(.down))
    let (fx, fy) = (place.x - left, place.y - top)
    for c in 0..<to.channels { sum[c] = 0 }
    for dy in 0..<2 {
      let row = Int(top) + dy
      let down = dy == 0 ? 1 - fy : fy
      for dx in 0..<2 {
        let column = Int(left) + dx
        let weight = down * (dx == 0 ? 1 - fx : fx)
        if weight == 0 { continue }
        guard column >= 0, column < from.width, row >= 0, row < from.height else {
          for c in 0..<to.channels { sum[c] += weight * step.background[c] }
          continue
        }
        let pixel = input.samples(row, as: type) + column * from.channels
        let share = from.hasAlpha ? number(pixel[from.channels - 1]) / white : 1
        for c in 0..<to.colorChannels { sum[c] += weight * share * number(pixel[c]) }
        if to.hasAlpha { sum[to.channels - 1] += weight * share }
      }
    }
    guard to.hasAlpha else { return }
    let alpha = sum[to.channels - 1]
    for c in 0..<to.colorChannels { sum[c] = alpha > 0 ? sum[c] / alpha : 0 }
    sum[to.channels - 1] = alpha * white
  }
}
