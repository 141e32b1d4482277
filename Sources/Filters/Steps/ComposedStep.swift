import Images

/// One step after the other, without an image between them: only the rows under the second step's
/// windows are held.
struct ComposedStep: RowStep {
  let first: any RowStep
  let second: any RowStep

  init(_ first: any RowStep, _ second: any RowStep) {
    self.first = first
    self.second = second
  }

  var input: PixelLayout { first.input }
  var output: PixelLayout { second.output }
  var needsWholeImage: Bool { first.needsWholeImage || second.needsWholeImage }
  var threshold: Double? { second.threshold }
  var parts: [any RowStep] { needsWholeImage ? first.parts + second.parts : [self] }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    first.inputRows(for: second.inputRows(for: rows))
  }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    let first = first.adapted(to: image, in: selection, threads: threads)
    guard second.needsWholeImage else { return ComposedStep(first, second) }
    let between = HeldRows(of: first, from: image, threads: threads)
    return HeldStep(
      input: input, between: between,
      second: second.adapted(to: between.rows, in: selection, threads: threads))
  }

  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    private let step: ComposedStep
    private let first: any RowWorker
    private let second: any RowWorker
    private var between: Scratch<UInt8>?
    /// The rows that `between` holds.
    private var held = 0..<0

    /// Rows that the second step computes at a time.
    private static let stripHeight = 16

    init(_ step: ComposedStep) {
      self.step = step
      first = step.first.makeWorker()
      second = step.second.makeWorker()
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      var row = rows.lowerBound
      while row < rows.upperBound {
        let strip = row..<min(rows.upperBound, row + Self.stripHeight)
        let between = fetch(step.second.inputRows(for: strip), from: input)
        second.compute(
          strip, from: between,
          into: output + (row - rows.lowerBound) * step.output.bytesPerRow)
        row = strip.upperBound
      }
    }

    /// These rows of the first step; those that were computed already are moved to the front.
    private func fetch(_ needed: Range<Int>, from input: InputRows) -> InputRows {
      let bytesPerRow = step.first.output.bytesPerRow
      let kept = held.clamped(to: needed)
      let isContinued = !kept.isEmpty && kept.lowerBound == needed.lowerBound
      let memory: Scratch<UInt8>
      if let between, between.count >= needed.count * bytesPerRow {
        memory = between
      } else {
        memory = Scratch(uninitialized: (needed.count + Self.stripHeight) * bytesPerRow)
      }
      if isContinued, let between {
        memory.start.update(
          from: between.start + (kept.lowerBound - held.lowerBound) * bytesPerRow,
          count: kept.count * bytesPerRow)
      }
      let fresh = (isContinued ? kept.upperBound : needed.lowerBound)..<needed.upperBound
      if !fresh.isEmpty {
        first.compute(
          strips: fresh, from: input, bytesPerRow: bytesPerRow,
          into: memory.start + (fresh.lowerBound - needed.lowerBound) * bytesPerRow)
      }
      between = memory
      held = needed
      return InputRows(
        base: UnsafeRawPointer(memory.start), first: needed.lowerBound, bytesPerRow: bytesPerRow)
    }
  }
}

/// All rows that a step computes.
///
/// Unchecked: the memory is written once, before anybody else has it.
private final class HeldRows: @unchecked Sendable {
  private let memory: Scratch<UInt8>
  let rows: InputRows

  init(of step: any RowStep, from image: InputRows, threads: Int) {
    let layout = step.output
    memory = Scratch(uninitialized: layout.byteCount)
    step.computeAll(from: image, into: memory.start, threads: threads)
    rows = InputRows(
      base: UnsafeRawPointer(memory.start), first: 0, bytesPerRow: layout.bytesPerRow,
      cancellation: image.cancellation)
  }
}

/// A step over rows that are held.
private struct HeldStep: RowStep {
  let input: PixelLayout
  let between: HeldRows
  let second: any RowStep
  var output: PixelLayout { second.output }
  let needsWholeImage = true
  var threshold: Double? { second.threshold }

  func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<input.height }
  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    private let step: HeldStep
    private let second: any RowWorker

    init(_ step: HeldStep) {
      self.step = step
      second = step.second.makeWorker()
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      second.compute(rows, from: step.between.rows, into: output)
    }
  }
}
