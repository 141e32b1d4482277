import Images
import LoopInterface

/// The smallest or largest sample of 8 or 16 bits under a rectangle that is not very wide; what lies outside
/// the image does not count. Alpha stays.
///
/// Two rows at a time, which share all rows under the rectangle but one.
struct RectangleStep: RowStep {
  let input: PixelLayout
  let rows: ClosedRange<Int>
  let columns: ClosedRange<Int>
  let kind: ExtremeStep.Kind
  let loops: ExtremeLoops

  var output: PixelLayout { input }
  let needsWholeImage = false

  /// Nil where the element or the samples need ``ExtremeStep``.
  init?(
    _ input: PixelLayout, _ element: Element, _ kind: ExtremeStep.Kind, _ loops: ExtremeLoops
  ) {
    guard input.sample != .float32, !element.runs.isEmpty, element.isRectangle,
      element.rows.contains(0),
      element.columns.contains(0),
      (element.columns.count - 1) * input.channels <= ExtremeLoops.rectangleReach
    else { return nil }
    self.input = input
    rows = element.rows
    columns = element.columns
    self.kind = kind
    self.loops = loops
  }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let first = max(0, rows.lowerBound + self.rows.lowerBound)
    return first..<min(input.height, rows.upperBound + self.rows.upperBound)
  }

  func makeWorker() -> any RowWorker {
    switch (input.sample, kind) {
    case (.uint16, .smallest): Worker<UInt16>(self, loops.rectangleMinimumUInt16)
    case (.uint16, .largest): Worker<UInt16>(self, loops.rectangleMaximumUInt16)
    case (_, .smallest): Worker<UInt8>(self, loops.rectangleMinimumUInt8)
    case (_, .largest): Worker<UInt8>(self, loops.rectangleMaximumUInt8)
    }
  }

  private final class Worker<Sample: BitwiseCopyable>: RowWorker {
    private let step: RectangleStep
    private let loop: ExtremeLoops.Rectangle<Sample>
    /// Takes the lower row's results where nobody asked for it.
    private let spare: Scratch<Sample>
    private let pointers: Scratch<UnsafePointer<Sample>>

    init(_ step: RectangleStep, _ loop: @escaping ExtremeLoops.Rectangle<Sample>) {
      self.step = step
      self.loop = loop
      spare = Scratch(uninitialized: step.output.samplesPerRow)
      pointers = Scratch(uninitialized: step.rows.count + 1)
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let layout = step.output
      let samples = output.assumingMemoryBound(to: Sample.self)
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: 2) {
        let upper = samples + (row - rows.lowerBound) * layout.samplesPerRow
        let hasLower = row + 1 < rows.upperBound
        let rowCount = collect(row, hasLower: hasLower, from: input)
        loop(
          RectangleRows(
            rows: pointers.start, rowCount: rowCount, count: layout.samplesPerRow,
            step: layout.channels, columns: step.columns.count, before: -step.columns.lowerBound,
            upper: upper, lower: hasLower ? upper + layout.samplesPerRow : spare.start))
      }
      guard layout.hasAlpha else { return }
      for row in rows {
        copyLastChannel(
          layout, from: input[row], into: samples + (row - rows.lowerBound) * layout.samplesPerRow
        ) { $0 }
      }
    }

    /// The rows under the rectangle in a row of the output and in the next one. Where one lies outside of the
    /// image, another that counts there stands for it.
    ///
    /// - Returns: how many there are.
    private func collect(_ row: Int, hasLower: Bool, from input: InputRows) -> Int {
      let height = step.input.height
      let (first, last) = (row + step.rows.lowerBound, row + 1 + step.rows.upperBound)
      let shared = max(0, first + 1)..<max(0, first + 1, min(height, last))
      let hasFirst = first >= 0
      let hasLast = hasLower && last < height
      // The windows hold their own row: one of these is inside the image.
      let other = shared.isEmpty ? (hasFirst ? first : last) : shared.lowerBound
      pointers.start[0] = input.samples(hasFirst ? first : other, as: Sample.self)
      for (index, row) in shared.enumerated() {
        pointers.start[index + 1] = input.samples(row, as: Sample.self)
      }
      pointers.start[shared.count + 1] = input.samples(hasLast ? last : other, as: Sample.self)
      return shared.count + 2
    }
  }
}
