import Images
import LoopInterface

/// A step's output on a larger canvas.
struct PadStep: RowStep {
  let inner: any RowStep
  let output: PixelLayout
  private let left: Int
  private let top: Int
  private let background: [Double]

  init(
    _ inner: any RowStep, left: Int, top: Int, width: Int, height: Int, _ background: Background
  ) {
    self.inner = inner
    self.left = left
    self.top = top
    var output = background.layout(over: inner.output)
    (output.width, output.height) = (width, height)
    self.output = output
    self.background = background.pixel(of: output)
  }

  var input: PixelLayout { inner.input }
  var needsWholeImage: Bool { inner.needsWholeImage }
  func metadata(_ metadata: Metadata) -> Metadata { inner.metadata(metadata) }

  /// The inner rows among these.
  private func innerRows(_ rows: Range<Int>) -> Range<Int> {
    let all = top..<top + inner.output.height
    let inside = rows.clamped(to: all)
    return inside.lowerBound - top..<inside.upperBound - top
  }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let inside = innerRows(rows)
    if !inside.isEmpty { return inner.inputRows(for: inside) }
    // Nothing, but at a place that does not lead backwards.
    if rows.lowerBound < top { return 0..<0 }
    let height = inner.output.height
    let end = inner.inputRows(for: height - 1..<height).upperBound
    return end..<end
  }

  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    private let step: PadStep
    private let inner: any RowWorker
    private let emptyRow: Image
    private let innerRows: Scratch<UInt8>

    init(_ step: PadStep) {
      self.step = step
      inner = step.inner.makeWorker()
      var row = step.output
      row.height = 1
      emptyRow = Image(filling: row, with: step.background)
      innerRows = Scratch(step.inner.output.bytesPerRow, filledWith: 0)
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let rowBytes = step.output.bytesPerRow
      let (from, to) = (step.inner.output, step.output)
      let pixelBytes = to.channels * to.sample.byteCount
      for row in rows {
        let place = output + (row - rows.lowerBound) * rowBytes
        emptyRow.withUnsafeBytes { bytes in
          if let base = bytes.baseAddress { place.copyMemory(from: base, byteCount: rowBytes) }
        }
        let inside = step.innerRows(row..<row + 1)
        if inside.isEmpty { continue }
        let start = place + step.left * pixelBytes
        if from.channels == to.channels {
          inner.compute(inside, from: input, into: start)
        } else {
          inner.compute(inside, from: input, into: innerRows.start)
          addOpaqueAlpha(UnsafeRawPointer(innerRows.start), from, to: start)
        }
      }
    }
  }
}

/// A row with an opaque alpha channel behind its colors.
func addOpaqueAlpha(
  _ row: UnsafeRawPointer, _ layout: PixelLayout, to place: UnsafeMutableRawPointer
) {
  func copy<Sample: BitwiseCopyable>(_ opaque: Sample) {
    let from = row.assumingMemoryBound(to: Sample.self)
    let to = place.assumingMemoryBound(to: Sample.self)
    let channels = layout.channels
    for x in 0..<layout.width {
      for c in 0..<channels { to[x &* (channels &+ 1) &+ c] = from[x &* channels &+ c] }
      to[x &* (channels &+ 1) &+ channels] = opaque
    }
  }
  switch layout.sample {
  case .uint8: copy(UInt8.max)
  case .uint16: copy(UInt16.max)
  case .float32: copy(Float(1))
  }
}

extension Image {
  /// An image of one color, in units of samples.
  init(filling layout: PixelLayout, with pixel: [Double]) {
    self.init(layout: layout)
    let count = layout.samplesPerRow * layout.height
    withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      for index in 0..<count {
        let value = pixel[index % pixel.count]
        switch layout.sample {
        case .uint8: base.assumingMemoryBound(to: UInt8.self)[index] = UInt8(value)
        case .uint16: base.assumingMemoryBound(to: UInt16.self)[index] = UInt16(value)
        case .float32: base.assumingMemoryBound(to: Float.self)[index] = Float(value)
        }
      }
    }
  }
}

/// A larger canvas around the image: a background, or what a border puts there.
struct Pad: StepMaker {
  let left, top, right, bottom: Int
  let background: Background

  var options: Set<FilterOptions.Option> { [.border] }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let (width, height) = (layout.width + left + right, layout.height + top + bottom)
    guard let border = options.border else {
      return PadStep(
        RowMap.copy(layout), left: left, top: top, width: width, height: height, background)
    }
    var output = layout
    (output.width, output.height) = (width, height)
    return BorderPadStep(input: layout, output: output, border: border, left: left, top: top)
  }
}

/// A canvas extended as filters extend an image.
private struct BorderPadStep: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  let border: Border
  let left: Int
  let top: Int

  var needsWholeImage: Bool { border == .wrap || output.height > 3 * input.height }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    border.sources(of: rows.lowerBound - top..<rows.upperBound - top, count: input.height)
  }

  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    private let step: BorderPadStep
    private let constantRow: Image
    /// The input column for each of the output; −1: the constant's.
    private let columns: [Int]

    init(_ step: BorderPadStep) {
      self.step = step
      columns = (0..<step.output.width).map {
        step.border.source(of: $0 - step.left, count: step.input.width) ?? -1
      }
      var value = 0.0
      if case .constant(let constant) = step.border {
        let maximum = step.output.sample.maximum
        value =
          maximum.map { min(max(constant.rounded(.toNearestOrEven), 0), $0) } ?? constant
      }
      var pixel = Array(repeating: value, count: step.output.channels)
      // A constant is a color that is seen.
      if step.output.hasAlpha { pixel[pixel.count - 1] = step.output.sample.white }
      var row = step.output
      row.height = 1
      constantRow = Image(filling: row, with: pixel)
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let (rowBytes, width) = (step.output.bytesPerRow, step.input.width)
      let pixelBytes = step.output.channels * step.output.sample.byteCount
      constantRow.withUnsafeBytes { bytes in
        guard let constants = bytes.baseAddress else { return }
        for row in rows {
          let place = output + (row - rows.lowerBound) * rowBytes
          guard let source = step.border.source(of: row - step.top, count: step.input.height)
          else {
            place.copyMemory(from: constants, byteCount: rowBytes)
            continue
          }
          let pixels = input[source]
          for x in 0..<step.output.width where x < step.left || x >= step.left + width {
            let from =
              columns[x] < 0 ? constants + x * pixelBytes : pixels + columns[x] * pixelBytes
            (place + x * pixelBytes).copyMemory(from: from, byteCount: pixelBytes)
          }
          (place + step.left * pixelBytes).copyMemory(from: pixels, byteCount: width * pixelBytes)
        }
      }
    }
  }
}

extension RowMap {
  /// The rows as they are.
  static func copy(_ layout: PixelLayout) -> RowMap {
    let count = layout.bytesPerRow
    return RowMap(layout) { { $1.copyMemory(from: $0, byteCount: count) } }
  }
}
