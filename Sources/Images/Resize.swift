import LoopInterface
import Loops

extension Image {
  /// The image in another size.
  ///
  /// Samples are weighed as they are stored, without undoing their gamma; what is transparent adds no
  /// color. Results are rounded to the nearest and clamped (8 and 16 bit). The resolution is left out,
  /// since it no longer holds.
  ///
  /// - Throws: ``ImageError/invalidRequest(_:)`` when a side is not positive or the result too large.
  public func resized(
    width: Int, height: Int, _ resampling: Resampling = .lanczos
  ) throws(ImageError) -> Image {
    try layout.check()
    guard width > 0, height > 0 else {
      throw .invalidRequest("cannot resize to \(width) × \(height) pixels")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let most = Limits.standard.maximumPixels
    guard !overflow, pixels <= most else {
      throw .invalidRequest(
        "cannot resize to \(width) × \(height) pixels, which are more than \(most)")
    }
    let loops: LoopTable
    do throws(InstructionSetError) { loops = try Loops.table() } catch {
      throw .invalidRequest("\(error)")
    }
    var resized = layout
    resized.width = width
    resized.height = height
    var result = Image(layout: resized, metadata: metadata)
    result.metadata.resolution = nil
    let resizer = RowResizer(
      from: layout, to: resized,
      across: ResamplingWeights(from: layout.width, to: width, resampling),
      down: ResamplingWeights(from: layout.height, to: height, resampling), loops.resample)
    let rowBytes = layout.bytesPerRow
    result.withUnsafeMutableBytes { output in
      withUnsafeBytes { input in
        guard let output = output.baseAddress, let input = input.baseAddress else { return }
        for row in 0..<height {
          resizer.compute(row, into: output + row * resized.bytesPerRow) { input + $0 * rowBytes }
        }
      }
    }
    return result
  }
}

/// Weighs rows into one row of floats, then that row's pixels into the output's: the first pass runs
/// along whole rows, the second only over as many rows as come out.
///
/// One thread's: it keeps memory from row to row. Rows are best asked for from top to bottom.
package final class RowResizer {
  private let input: PixelLayout
  private let output: PixelLayout
  private let across: ResamplingWeights
  private let down: ResamplingWeights
  private let loops: ResampleLoops
  private let acrossLoop: ResampleLoops.Across
  private let halves: Bool
  private let weighsAlpha: Bool
  private let line: Buffer
  private let results: Buffer
  /// Rows whose colors are multiplied by alpha: row r at the place r modulo `held`.
  private let premultiplied: Buffer
  private var heldRows: [Int]
  private let floatsPerRow: Int

  package init(
    from input: PixelLayout, to output: PixelLayout, across: ResamplingWeights,
    down: ResamplingWeights, _ loops: ResampleLoops, weighsAlpha: Bool = true
  ) {
    self.input = input
    self.output = output
    self.across = across
    self.down = down
    self.loops = loops
    acrossLoop = loops.across(input.channels)
    self.weighsAlpha = input.hasAlpha && weighsAlpha
    halves = input.sample == .uint8 && !input.hasAlpha && across.halves && down.halves
    // As many zeros behind the row as weights may be read beyond it.
    floatsPerRow = input.samplesPerRow + (across.pitch + 1) * 4
    line = Buffer(byteCount: 4 * floatsPerRow)
    results = Buffer(byteCount: 4 * output.samplesPerRow)
    heldRows = Array(repeating: -1, count: self.weighsAlpha ? down.pitch : 0)
    premultiplied = Buffer(byteCount: 4 * floatsPerRow * heldRows.count)
  }

  /// Computes a row of the output from rows of the input.
  ///
  /// Plain pointers, since these loops run over every pixel several times: the weights name only rows
  /// and pixels inside the image.
  package func compute(
    _ row: Int, into target: UnsafeMutableRawPointer, source: (Int) -> UnsafeRawPointer
  ) {
    let first = Int(down.first[row])
    if halves {
      return loops.halve(
        source(first).assumingMemoryBound(to: UInt8.self),
        source(first + 1).assumingMemoryBound(to: UInt8.self), input.channels, output.width,
        target.assumingMemoryBound(to: UInt8.self))
    }
    let line = UnsafeMutableRawPointer(line.start).assumingMemoryBound(to: Float.self)
    let results = UnsafeMutableRawPointer(results.start).assumingMemoryBound(to: Float.self)
    let rows = first..<first + Int(down.count[row])
    down.weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress.map({ $0 + row * down.pitch }) else { return }
      if weighsAlpha {
        sum(rows, weights, as: Float.self, loops.downFloat, line) { self.premultiplied($0, source) }
      } else {
        switch input.sample {
        case .uint8: sum(rows, weights, as: UInt8.self, loops.downUInt8, line, source)
        case .uint16: sum(rows, weights, as: UInt16.self, loops.downUInt16, line, source)
        case .float32: sum(rows, weights, as: Float.self, loops.downFloat, line, source)
        }
      }
    }
    acrossLoop(line, across.first, across.weights, across.pitch, output.width, results)
    // Without alpha all channels are alike.
    let (channels, width) =
      weighsAlpha ? (output.channels, output.width) : (1, output.samplesPerRow)
    switch output.sample {
    case .uint8:
      loops.storeUInt8(
        results, channels, width, target.assumingMemoryBound(to: UInt8.self))
    case .uint16:
      loops.storeUInt16(
        results, channels, width, target.assumingMemoryBound(to: UInt16.self))
    case .float32:
      loops.storeFloat(
        results, channels, width, target.assumingMemoryBound(to: Float.self))
    }
  }

  private func sum<Sample>(
    _ rows: Range<Int>, _ weights: UnsafePointer<Float>, as type: Sample.Type,
    _ loop: ResampleLoops.Down<Sample>, _ line: UnsafeMutablePointer<Float>,
    _ source: (Int) -> UnsafeRawPointer
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Sample>.self, capacity: rows.count) { buffer in
      guard let pointers = buffer.baseAddress else { return }
      for (index, row) in rows.enumerated() {
        (pointers + index).initialize(to: source(row).assumingMemoryBound(to: type))
      }
      loop(pointers, weights, rows.count, input.samplesPerRow, line)
    }
  }

  private func premultiplied(_ row: Int, _ source: (Int) -> UnsafeRawPointer) -> UnsafeRawPointer {
    let place = row % heldRows.count
    let start = premultiplied.start + 4 * floatsPerRow * place
    if heldRows[place] == row { return UnsafeRawPointer(start) }
    heldRows[place] = row
    let numbers = UnsafeMutableRawPointer(start).assumingMemoryBound(to: Float.self)
    let (samples, channels, width) = (source(row), input.channels, input.width)
    switch input.sample {
    case .uint8:
      loops.premultiplyUInt8(
        samples.assumingMemoryBound(to: UInt8.self), channels, width, 255, numbers)
    case .uint16:
      loops.premultiplyUInt16(
        samples.assumingMemoryBound(to: UInt16.self), channels, width, 65_535, numbers)
    case .float32:
      loops.premultiplyFloat(
        samples.assumingMemoryBound(to: Float.self), channels, width, 1, numbers)
    }
    return UnsafeRawPointer(start)
  }
}
