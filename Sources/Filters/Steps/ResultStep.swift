import Images
import LoopInterface

/// A step that computes results and finishes them to samples: every filter but gray, with every
/// option.
struct ResultStep: RowStep {
  let geometry: WindowGeometry
  let loops: LoopTable
  var finish: Finish
  /// Whether the results are to be stretched to the full range.
  var normalizes: Bool
  /// Makes the results, and those of the alpha channel where it is not just carried along.
  let makeResults: @Sendable () -> any ResultRows
  var makeAlpha: (@Sendable () -> any ResultRows)?
  var alphaFinish = Finish()
  /// Output rows whose windows are looked at once more for the next one.
  var rowsLookedBack = 0

  var input: PixelLayout { geometry.input }
  var output: PixelLayout { geometry.output }
  var needsWholeImage: Bool { normalizes || geometry.needsWholeImage }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    geometry.inputRows(for: max(0, rows.lowerBound - rowsLookedBack)..<rows.upperBound)
  }
  func makeWorker() -> any RowWorker { ResultWorker(self) }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    guard normalizes else { return self }
    let extent = ResultWorker(self).extent(in: selection, from: image)
    var step = self
    step.normalizes = false
    step.finish.offset = extent.lowerBound
    step.finish.gain =
      extent.upperBound > extent.lowerBound
      ? output.sample.white / (extent.upperBound - extent.lowerBound) : 0
    return step
  }
}

extension ResultStep {
  /// Results that are finished as the options say.
  init(
    _ options: FilterOptions, _ geometry: WindowGeometry, _ loops: LoopTable,
    makeResults: @escaping @Sendable () -> any ResultRows
  ) {
    let sample = geometry.input.sample
    var finish = Finish()
    finish.scale = options.scale
    finish.bias = options.bias
    finish.floor = options.relu ? 0 : -.infinity
    finish.absolute = options.range == .absolute
    finish.lower = sample == .float32 ? -.infinity : 0
    finish.upper = sample.maximum ?? .infinity
    self.init(
      geometry: geometry, loops: loops, finish: finish,
      normalizes: options.range == .normalized, makeResults: makeResults)
  }
}

private final class ResultWorker: RowWorker {
  private let step: ResultStep
  private let results: any ResultRows
  private let alpha: (any ResultRows)?
  private let compact: Scratch<Double>
  private let alphaRow: Scratch<UInt8>

  init(_ step: ResultStep) {
    self.step = step
    results = step.makeResults()
    alpha = step.input.hasAlpha ? step.makeAlpha?() : nil
    compact = Scratch(step.output.samplesPerRow, filledWith: 0)
    alphaRow = Scratch(alpha == nil ? 0 : step.output.bytesPerRow, filledWith: 0)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    for row in rows {
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      finish(strided(results.results(row, from: input)), step.finish, into: place)
      guard step.output.hasAlpha else { continue }
      if let alpha {
        finish(
          strided(alpha.results(row, from: input)), step.alphaFinish, into: alphaRow.start)
        copyAlpha(from: alphaRow.start, into: place) { $0 }
      } else {
        let columns = step.geometry.columns
        copyAlpha(from: input[step.geometry.rows.center(of: row)], into: place, columns.center)
      }
    }
  }

  /// The smallest and largest result of the color channels, scaled and biased.
  func extent(in selection: Selection, from input: InputRows) -> ClosedRange<Double> {
    var (low, high) = (Double.infinity, -Double.infinity)
    let layout = step.output
    // A selection has the output's size, or is everything.
    for row in selection.rows(of: layout) where !input.isCancelled {
      let results = strided(results.results(row, from: input))
      let center = input[step.geometry.rows.center(of: row)]
      selection.forEachRun(in: row, of: layout) { columns in
        for x in columns where isVisible(step.geometry.columns.center(of: x), of: center) {
          for channel in 0..<layout.colorChannels {
            let result = results[x * layout.channels + channel]
            let value = max(result * step.finish.scale + step.finish.bias, step.finish.floor)
            if value.isFinite { (low, high) = (min(low, value), max(high, value)) }
          }
        }
      }
    }
    return low <= high ? low...high : 0...0
  }

  /// Whether a pixel of an input's row is not wholly transparent; others do not count.
  private func isVisible(_ x: Int, of row: UnsafeRawPointer) -> Bool {
    let layout = step.input
    guard layout.hasAlpha else { return true }
    let place = x * layout.channels + layout.colorChannels
    return switch layout.sample {
    case .uint8: row.assumingMemoryBound(to: UInt8.self)[place] > 0
    case .uint16: row.assumingMemoryBound(to: UInt16.self)[place] > 0
    case .float32: row.assumingMemoryBound(to: Float.self)[place] > 0
    }
  }

  /// The results that the stride keeps, side by side.
  private func strided(_ results: UnsafePointer<Double>) -> UnsafePointer<Double> {
    let stride = step.geometry.columns.stride
    if stride == 1 { return results }
    let channels = step.output.channels
    for x in 0..<step.output.width {
      for channel in 0..<channels {
        compact.start[x * channels + channel] = results[x * stride * channels + channel]
      }
    }
    return UnsafePointer(compact.start)
  }

  private func finish(
    _ results: UnsafePointer<Double>, _ finish: Finish, into place: UnsafeMutableRawPointer
  ) {
    let (count, samples) = (step.output.samplesPerRow, step.loops.samples)
    switch step.output.sample {
    case .uint8:
      samples.finishUInt8(results, count, finish, place.assumingMemoryBound(to: UInt8.self))
    case .uint16:
      samples.finishUInt16(results, count, finish, place.assumingMemoryBound(to: UInt16.self))
    case .float32:
      samples.finishFloat(results, count, finish, place.assumingMemoryBound(to: Float.self))
    }
  }

  /// Copies the alpha of the pixel that `column` gives for each output pixel.
  private func copyAlpha(
    from source: UnsafeRawPointer, into place: UnsafeMutableRawPointer, _ column: (Int) -> Int
  ) {
    let layout = step.output
    copyLastChannel(layout, from: source, into: place, column)
  }
}

/// Copies the last channel of the pixel that `column` gives for each pixel of a row.
///
/// Where pixels are next to each other, whole pixels are merged, which runs in vectors.
func copyLastChannel(
  _ layout: PixelLayout, from source: UnsafeRawPointer, into place: UnsafeMutableRawPointer,
  _ column: (Int) -> Int
) {
  func copy<Sample>(_ type: Sample.Type) {
    let from = source.assumingMemoryBound(to: type)
    let to = place.assumingMemoryBound(to: type)
    let channels = layout.channels
    for x in 0..<layout.width {
      to[x * channels + channels - 1] = from[column(x) * channels + channels - 1]
    }
  }
  /// Little-endian: the last channel lies in the highest bits.
  func merge<Pixel: FixedWidthInteger>(_ type: Pixel.Type, _ colors: Pixel) {
    let first = column(0) * MemoryLayout<Pixel>.size
    for x in 0..<layout.width {
      let byte = x &* MemoryLayout<Pixel>.size
      let pixel =
        (source + first).loadUnaligned(fromByteOffset: byte, as: type) & ~colors
        | place.loadUnaligned(fromByteOffset: byte, as: type) & colors
      place.storeBytes(of: pixel, toByteOffset: byte, as: type)
    }
  }
  let isContiguous = layout.width > 0 && column(layout.width - 1) == column(0) + layout.width - 1
  switch (layout.sample, layout.channels) {
  case (.uint8, 4) where isContiguous: merge(UInt32.self, 0xFF_FFFF)
  case (.uint8, 2) where isContiguous: merge(UInt16.self, 0xFF)
  case (.uint16, 4) where isContiguous: merge(UInt64.self, 0xFFFF_FFFF_FFFF)
  case (.uint8, _): copy(UInt8.self)
  case (.uint16, _): copy(UInt16.self)
  case (.float32, _): copy(Float.self)
  }
}
