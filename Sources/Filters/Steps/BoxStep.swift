import Images
import LoopInterface

/// The box blur of 8-bit images, stride 1: sums of columns slide downwards, a row's windows are put
/// together from runs of 1, 2, 4 … columns.
struct BoxStep: RowStep {
  let geometry: WindowGeometry
  let loops: BoxLoops
  let size: Int
  let channels: Int

  /// Windows whose sums the fast loops can hold.
  private static let largestSize = 89

  /// Nil where the operation, the options or the layout need another step.
  init?(
    _ operation: Operation, _ options: FilterOptions, _ geometry: WindowGeometry, _ loops: LoopTable
  ) {
    guard case .box(let size) = operation, size <= BoxStep.largestSize,
      geometry.input.sample == .uint8, geometry.columns.stride == 1, options.range == .clamped,
      options.scale == 1, options.bias == 0
    else { return nil }
    self.geometry = geometry
    self.loops = loops.box
    self.size = size
    channels = geometry.input.channels
  }

  var input: PixelLayout { geometry.input }
  var output: PixelLayout { geometry.output }
  var needsWholeImage: Bool { geometry.needsWholeImage }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    // One row more: the one that leaves the first window.
    geometry.inputRows(for: max(0, rows.lowerBound - 1)..<rows.upperBound)
  }

  func makeWorker() -> any RowWorker { BoxWorker(self) }

  /// The division by the window's area as a multiplication; nil where 16 bits do not hold the sums
  /// or no such multiplication is exact for all of them.
  var divisor: BoxDivisor? {
    let area = size * size
    let largest = area * 255 + area / 2
    guard largest <= Int(UInt16.max) else { return nil }
    for shift in 0..<16 {
      let multiplier = ((1 << (16 + shift)) + area - 1) / area
      if multiplier > Int(UInt16.max) { break }
      // Between two multiples of the area the quotient stays, so only their ends can be wrong.
      let isExact = (1...256).allSatisfy { quotient in
        let end = min(quotient * area - 1, largest)
        return (end * multiplier) >> (16 + shift) == end / area
          && (quotient * area > largest
            || (quotient * area * multiplier) >> (16 + shift) == quotient)
      }
      if isExact {
        return BoxDivisor(
          half: UInt16(area / 2), multiplier: UInt16(multiplier), shift: UInt16(shift))
      }
    }
    return nil
  }
}

private final class BoxWorker: RowWorker {
  private let step: BoxStep
  private let border: BorderRows
  private let divisor: BoxDivisor?
  private let extensionMap: ExtensionMap
  /// Sums of the columns, extended by the border on both sides.
  private let columnSums: Scratch<UInt16>
  /// Sums of 2, 4, 8 … columns.
  private let runs: [Scratch<UInt16>]
  private let count: Int
  private var lastRow: Int?

  init(_ step: BoxStep) {
    self.step = step
    border = BorderRows(step.input, step.geometry.border)
    let divisor = step.divisor
    self.divisor = divisor
    extensionMap = ExtensionMap(step.geometry)
    let columns = step.geometry.columns
    let count = (columns.before + step.input.width + columns.after) * step.channels
    self.count = count
    columnSums = Scratch(count, filledWith: UInt16(border.value) * UInt16(step.size))
    // The sums of a run fit 16 bits.
    let lengths = sequence(first: 2) { $0 * 2 }.prefix {
      2 * $0 <= step.size && $0 * step.size * 255 <= Int(UInt16.max)
    }
    runs = lengths.map { _ in Scratch(count, filledWith: 0) }
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let samplesPerRow = step.output.samplesPerRow
    for row in rows {
      let place = samples + (row - rows.lowerBound) * samplesPerRow
      sumColumns(of: row, from: input)
      if let divisor {
        average(divisor, into: place)
      } else {
        average(into: place)
      }
      lastRow = row
      if step.output.hasAlpha {
        copyLastChannel(
          step.output, from: input[step.geometry.rows.center(of: row)], into: place,
          step.geometry.columns.center)
      }
    }
  }

  private func sumColumns(of row: Int, from input: InputRows) {
    let first = row - step.geometry.rows.before
    let inside = columnSums.start + step.geometry.columns.before * step.channels
    let samplesPerRow = step.input.samplesPerRow
    if lastRow == row - 1 {
      step.loops.slide(
        border.row(first + step.size - 1, from: input), border.row(first - 1, from: input),
        samplesPerRow, inside)
    } else {
      inside.update(repeating: 0, count: samplesPerRow)
      for index in 0..<step.size {
        step.loops.add(border.row(first + index, from: input), samplesPerRow, inside)
      }
    }
    extensionMap.extend(columnSums.start)
  }

  /// Puts the runs together; the last is that of most columns.
  private func sumRuns() -> [UnsafePointer<UInt16>] {
    var sums = [UnsafePointer(columnSums.start)]
    for (index, run) in runs.enumerated() {
      let half = 1 << index
      step.loops.pairs(
        sums[index], sums[index] + half * step.channels, count - (2 * half - 1) * step.channels,
        run.start)
      sums.append(UnsafePointer(run.start))
    }
    return sums
  }

  /// Sums that fit 16 bits. The longest run that fits into the window is not put together: its halves
  /// are two terms more.
  private func average(_ divisor: BoxDivisor, into output: UnsafeMutablePointer<UInt8>) {
    let size = step.size
    let sums = sumRuns()
    var terms = BoxTerms(sums[sums.count - 1])
    var done = 1 << runs.count
    func append(_ index: Int) {
      terms.append(sums[index] + done * step.channels)
      done += 1 << index
    }
    if size > 1 { append(runs.count) }
    for index in sums.indices.reversed() where size > 1 && size >> index & 1 != 0 { append(index) }
    step.loops.average16(terms, step.output.samplesPerRow, divisor, output)
  }

  /// Sums that need 32 bits: of as many of the longest runs as fit into the window, and of shorter ones.
  private func average(into output: UnsafeMutablePointer<UInt8>) {
    var terms: [UnsafePointer<UInt16>] = []
    var done = 0
    for (index, sums) in sumRuns().enumerated().reversed() {
      while done + 1 << index <= step.size {
        terms.append(sums + done * step.channels)
        done += 1 << index
      }
    }
    step.loops.average32(
      terms, terms.count, step.output.samplesPerRow, 1 / Float(step.size * step.size), output)
  }
}
