import Images
import LoopInterface

/// A 3 × 3 window over 8-bit samples with a loop of its own: small whole kernels, means and
/// gradient magnitudes, clamped, stride 1.
///
/// Rows lie behind each other in memory, so many of them are computed as if they were one long row;
/// what that makes of the columns at both edges, whose neighbors lie in other rows, is replaced.
struct WindowStep: RowStep {
  let geometry: WindowGeometry
  let loop: WindowLoops.UnweightedRows

  /// Nil where the operation, the options or the layout need another step.
  init?(
    _ operation: Operation, _ options: FilterOptions, _ geometry: WindowGeometry, _ loops: LoopTable
  ) {
    guard geometry.input.sample == .uint8, geometry.columns.stride == 1, options.range == .clamped
    else { return nil }
    switch operation {
    case .kernel(let kernel):
      let bias = kernel.bias * options.scale + options.bias
      guard kernel.width == 3, kernel.height == 3, kernel.scale * options.scale == 1,
        bias == bias.rounded(), bias.magnitude <= 32_767,
        kernel.isInteger(samplesTo: 255, within: 32_767 - bias.magnitude)
      else { return nil }
      let w = kernel.weights
      let weights = WindowWeights(w.map { Int16($0) }, bias: Int16(bias))
      let rows =
        Set([w[1], w[3], w[5], w[7]]).count > 1 || Set([w[0], w[2], w[6], w[8]]).count > 1
        ? loops.window.any : w[0] == 0 ? loops.window.cross : loops.window.symmetric
      loop = { rows($0, $1, $2, $3, $4, weights, $5) }
    case .box(3):
      guard options.scale == 1, options.bias == 0 else { return nil }
      loop = loops.window.mean
    case .gradient(let smooth, derive: [1, 0, -1]):
      guard options.direction ?? .magnitude == .magnitude, options.scale == 1, options.bias == 0
      else { return nil }
      switch smooth {
      case [1, 1, 1]: loop = loops.gradient.prewitt
      case [1, 2, 1]: loop = loops.gradient.sobel
      case [3, 10, 3]: loop = loops.gradient.scharr
      default: return nil
      }
    default: return nil
    }
    self.geometry = geometry
  }

  /// Any other 3 × 3 window over 8-bit samples with such a loop.
  init(_ geometry: WindowGeometry, loop: @escaping WindowLoops.UnweightedRows) {
    self.geometry = geometry
    self.loop = loop
  }

  var input: PixelLayout { geometry.input }
  var output: PixelLayout { geometry.output }
  var needsWholeImage: Bool { geometry.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { geometry.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { WindowWorker(self) }
}

private final class WindowWorker: RowWorker {
  private let step: WindowStep
  private let border: BorderRows
  /// Rows that are computed at a time, so that they are still in the cache when their edges are.
  private let stripHeight: Int
  private let edges: EdgeColumns

  init(_ step: WindowStep) {
    self.step = step
    border = BorderRows(step.input, step.geometry.border)
    stripHeight = max(4, min(64, 65_536 / step.input.bytesPerRow))
    edges = EdgeColumns(step, border, stripHeight: stripHeight)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let samples = output.assumingMemoryBound(to: UInt8.self)
    let samplesPerRow = step.output.samplesPerRow
    var row = rows.lowerBound
    while row < rows.upperBound {
      let strip = row..<min(rows.upperBound, row + stripHeight)
      let place = samples + (row - rows.lowerBound) * samplesPerRow
      if step.geometry.columns.before == 0 {
        insideRows(strip, from: input, into: place)
      } else {
        sameRows(strip, from: input, into: place)
      }
      if step.output.hasAlpha {
        for row in strip {
          copyLastChannel(
            step.output, from: input[step.geometry.rows.center(of: row)],
            into: place + (row - strip.lowerBound) * samplesPerRow,
            step.geometry.columns.center)
        }
      }
      row = strip.upperBound
    }
  }

  /// Valid padding: the windows of every row lie inside the image.
  private func insideRows(
    _ rows: Range<Int>, from input: InputRows, into output: UnsafeMutablePointer<UInt8>
  ) {
    let (channels, count) = (step.input.channels, step.output.samplesPerRow)
    for row in rows {
      let above = input.samples(row, as: UInt8.self) + channels
      let bytesPerRow = step.input.bytesPerRow
      step.loop(
        above, above + bytesPerRow, above + 2 * bytesPerRow, channels, count,
        output + (row - rows.lowerBound) * count)
    }
  }

  /// Same padding.
  private func sameRows(
    _ rows: Range<Int>, from input: InputRows, into output: UnsafeMutablePointer<UInt8>
  ) {
    let (channels, samplesPerRow) = (step.input.channels, step.input.samplesPerRow)
    let inside = rows.clamped(to: 1..<max(1, step.input.height - 1))
    if step.input.width > 2 {
      if !inside.isEmpty {
        let middle = input.samples(inside.lowerBound, as: UInt8.self) + channels
        step.loop(
          middle - samplesPerRow, middle, middle + samplesPerRow, channels,
          inside.count * samplesPerRow - 2 * channels,
          output + (inside.lowerBound - rows.lowerBound) * samplesPerRow + channels)
      }
      for row in rows where !inside.contains(row) {
        step.loop(
          border.row(row - 1, from: input) + channels, border.row(row, from: input) + channels,
          border.row(row + 1, from: input) + channels, channels, samplesPerRow - 2 * channels,
          output + (row - rows.lowerBound) * samplesPerRow + channels)
      }
    }
    edges.compute(rows, from: input, into: output)
  }
}

/// Computes the first and the last column of a strip: both, with their neighbors, as an image that
/// is six pixels wide.
private struct EdgeColumns {
  private let step: WindowStep
  private let border: BorderRows
  /// For every sample of a row of six pixels its place in the image's row; −1 for the constant's.
  private let places: Scratch<Int32>
  private let columns: Scratch<UInt8>
  private let results: Scratch<UInt8>
  private let samplesPerRow: Int

  init(_ step: WindowStep, _ border: BorderRows, stripHeight: Int) {
    self.step = step
    self.border = border
    let (channels, width) = (step.input.channels, step.input.width)
    samplesPerRow = 6 * channels
    places = Scratch(samplesPerRow, filledWith: -1)
    for (index, column) in [-1, 0, 1, width - 2, width - 1, width].enumerated() {
      guard let source = step.geometry.border.source(of: column, count: width) else { continue }
      for channel in 0..<channels {
        places.start[index * channels + channel] = Int32(source * channels + channel)
      }
    }
    columns = Scratch((stripHeight + 2) * samplesPerRow, filledWith: border.value)
    results = Scratch(stripHeight * samplesPerRow, filledWith: 0)
  }

  func compute(
    _ rows: Range<Int>, from input: InputRows, into output: UnsafeMutablePointer<UInt8>
  ) {
    let places = places.start
    for (index, row) in (rows.lowerBound - 1..<rows.upperBound + 1).enumerated() {
      let source = border.row(row, from: input)
      let copy = columns.start + index * samplesPerRow
      for x in 0..<samplesPerRow where places[x] >= 0 { copy[x] = source[Int(places[x])] }
    }
    let channels = step.input.channels
    let middle = columns.start + samplesPerRow + channels
    step.loop(
      middle - samplesPerRow, middle, middle + samplesPerRow, channels,
      rows.count * samplesPerRow - 2 * channels, results.start + channels)
    let (width, last) = (step.output.samplesPerRow, (step.input.width - 1) * channels)
    for row in 0..<rows.count {
      let from = results.start + row * samplesPerRow
      for channel in 0..<channels {
        output[row * width + channel] = from[channels + channel]
        output[row * width + last + channel] = from[4 * channels + channel]
      }
    }
  }
}
