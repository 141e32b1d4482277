import Images
import LoopInterface

/// Spreads the samples of gray over the full range, so that each is about equally frequent. Of colors the
/// luma is spread, and its change added to red, green and blue. Alpha stays.
struct Equalize: StepMaker {
  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    StatisticsStep(layout, loops: loops) { image, selection, threads in
      let histogram = Histogram(lumaOf: image, layout, in: selection, loops, threads: threads)
      return SampleCurve(layout.sample, table: histogram.equalizing)
    }
  }
}

/// Stretches the samples so that the smallest of all colors becomes black and the largest white. Alpha
/// stays.
struct AutoContrast: StepMaker {
  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    StatisticsStep(layout, ofLuma: false, loops: loops) { image, selection, threads in
      let histogram = Histogram(image, layout, in: selection, threads: threads)
      let low = histogram.counts.firstIndex { $0 > 0 } ?? 0
      let high = histogram.counts.lastIndex { $0 > 0 } ?? 0
      let white = Double(histogram.counts.count - 1)
      let table = (0..<histogram.counts.count).map { sample in
        let stretched =
          high > low ? Double(sample - low) * white / Double(high - low) : Double(sample)
        return UInt16(min(max(stretched.rounded(.toNearestOrEven), 0), white))
      }
      return SampleCurve(layout.sample, table: table)
    }
  }
}

extension Histogram {
  /// Of an image with colors their luma, as ``GrayStep`` computes it.
  init(
    lumaOf image: InputRows, _ layout: PixelLayout, in selection: Selection, _ loops: LoopTable,
    threads: Int
  ) {
    guard layout.colorChannels == 3 else {
      self.init(image, layout, in: selection, threads: threads)
      return
    }
    let gray = GrayStep(layout, loops)
    let bytes = gray.output.samplesPerRow == gray.output.bytesPerRow && !layout.hasAlpha
    self.init(layout.sample, rows: selection.rows(of: layout), threads: threads) { rows, sum in
      let worker = gray.makeWorker()
      let line = Scratch<UInt8>(uninitialized: gray.output.bytesPerRow)
      let tally = ByteTally()
      for row in rows where !image.isCancelled {
        worker.compute(row..<row + 1, from: image, into: line.start)
        selection.forEachRun(in: row, of: layout) { columns in
          if bytes {
            tally.count(line.start + columns.lowerBound, columns.count)
          } else {
            sum.count(UnsafeRawPointer(line.start), columns, gray.output)
          }
        }
      }
      if bytes { tally.move(to: &sum.counts) }
    }
  }

  /// For each sample the one that takes its place (as OpenCV's `equalizeHist`: in `Float`, rounded half
  /// to even, the smallest sample becoming 0).
  var equalizing: [UInt16] {
    let total = total
    var table = counts.indices.map { UInt16($0) }
    guard let first = counts.firstIndex(where: { $0 > 0 }), counts[first] < total else {
      return table
    }
    let scale = Float(counts.count - 1) / Float(total - counts[first])
    var sum = 0
    for sample in counts.indices {
      if sample > first { sum += counts[sample] }
      table[sample] = UInt16((Float(sum) * scale).rounded(.toNearestOrEven))
    }
    return table
  }
}

/// A table for the samples of an image or of its luma; floats are looked up as 16-bit samples.
struct SampleCurve: Sendable {
  let table: [UInt16]
  let bytes: [UInt8]

  init(_ sample: SampleType, table: [UInt16]) {
    self.table = table
    bytes = sample == .uint8 ? table.map { UInt8(truncatingIfNeeded: $0) } : []
  }

  subscript(sample: Float) -> Float {
    let place = min(max(sample * 65_535, 0), 65_535).rounded(.toNearestOrEven)
    return Float(table[Int(place)]) / 65_535
  }
}

/// A point operation whose curve is found by a look at the whole image.
struct StatisticsStep: RowStep {
  let input: PixelLayout
  /// Whether the curve is that of luma, whose change is added to all colors.
  let isOfLuma: Bool
  private let loops: LoopTable
  private let find: @Sendable (InputRows, Selection, _ threads: Int) -> SampleCurve
  private var curve: SampleCurve?

  init(
    _ input: PixelLayout, ofLuma: Bool = true, loops: LoopTable,
    find: @escaping @Sendable (InputRows, Selection, _ threads: Int) -> SampleCurve
  ) {
    self.input = input
    isOfLuma = ofLuma && input.colorChannels == 3
    self.loops = loops
    self.find = find
  }

  var output: PixelLayout { input }
  var needsWholeImage: Bool { true }
  func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<input.height }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    var step = self
    step.curve = find(image, selection, threads)
    return step
  }

  func makeWorker() -> any RowWorker {
    guard let curve else {
      preconditionFailure("a step that needs the whole image is adapted to it first")
    }
    return Worker(input, curve, isOfLuma: isOfLuma, loops.point)
  }

  private final class Worker: RowWorker {
    private let layout: PixelLayout
    private let curve: SampleCurve
    private let isOfLuma: Bool
    private let loops: PointLoops
    /// Luma and what becomes of it, of a row of bytes.
    private let (old, new): (Scratch<UInt8>, Scratch<UInt8>)

    init(_ layout: PixelLayout, _ curve: SampleCurve, isOfLuma: Bool, _ loops: PointLoops) {
      self.layout = layout
      self.curve = curve
      self.isOfLuma = isOfLuma
      self.loops = loops
      old = Scratch(uninitialized: layout.width)
      new = Scratch(uninitialized: layout.width)
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      for row in rows {
        let place = output + (row - rows.lowerBound) * layout.bytesPerRow
        if isOfLuma {
          addChange(input, row, place)
        } else {
          map(input[row], place)
        }
      }
    }

    private func map(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
      switch layout.sample {
      case .uint8:
        curve.bytes.withUnsafeBufferPointer { table in
          mapColors(from, to, layout, as: UInt8.self) { table[Int($0)] }
        }
      case .uint16:
        curve.table.withUnsafeBufferPointer { table in
          mapColors(from, to, layout, as: UInt16.self) { table[Int($0)] }
        }
      case .float32: mapColors(from, to, layout, as: Float.self) { curve[$0] }
      }
    }

    private func addChange(_ input: InputRows, _ row: Int, _ to: UnsafeMutableRawPointer) {
      let curve = curve
      switch layout.sample {
      case .uint8:
        let pixels = input.samples(row, as: UInt8.self)
        let (old, new) = (old.start, new.start)
        loops.lumaUInt8(pixels, layout.channels, layout.width, old)
        curve.bytes.withUnsafeBufferPointer { table in
          for x in 0..<layout.width { new[x] = table[Int(old[x])] }
        }
        loops.addChangeUInt8(
          pixels, layout.channels, old, new, layout.width, to.assumingMemoryBound(to: UInt8.self))
      case .uint16:
        mapLuma(input[row], to, layout, as: UInt16.self, luma) { Int32(curve.table[Int($0)]) }
      case .float32:
        let from = input.samples(row, as: Float.self)
        let to = to.assumingMemoryBound(to: Float.self)
        for x in 0..<layout.width {
          let (pixel, result) = (from + x * layout.channels, to + x * layout.channels)
          let luma = pixel[0] * 0.299 + pixel[1] * 0.587 + pixel[2] * 0.114
          let change = curve[luma] - luma
          for color in 0..<3 { result[color] = pixel[color] + change }
          if layout.hasAlpha { result[3] = pixel[3] }
        }
      }
    }
  }
}

/// Adds to red, green and blue what their luma changes by.
@inline(__always)
func mapLuma<Sample: FixedWidthInteger & UnsignedInteger>(
  _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ layout: PixelLayout,
  as type: Sample.Type, _ luma: (Sample, Sample, Sample) -> Sample, _ curve: (Sample) -> Int32
) {
  let (from, to) = (from.assumingMemoryBound(to: type), to.assumingMemoryBound(to: type))
  let white = Int32(Sample.max)
  for x in 0..<layout.width {
    let (pixel, result) = (from + x &* layout.channels, to + x &* layout.channels)
    let gray = luma(pixel[0], pixel[1], pixel[2])
    let change = curve(gray) &- Int32(truncatingIfNeeded: gray)
    for color in 0..<3 {
      let sample = Int32(truncatingIfNeeded: pixel[color]) &+ change
      result[color] = Sample(truncatingIfNeeded: min(max(sample, 0), white))
    }
    if layout.hasAlpha { result[3] = pixel[3] }
  }
}
