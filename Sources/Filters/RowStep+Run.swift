import Files
import Images
import LoopInterface
import Loops

extension RowStep {
  /// Computes the whole output.
  func run(on image: Image, into output: inout Image, threads: Int) {
    image.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let input = InputRows(base: base, first: 0, bytesPerRow: self.input.bytesPerRow)
      let step = adapted(to: input, in: .everything, threads: threads)
      output.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        step.computeAll(from: input, into: base, threads: threads)
      }
    }
  }

  /// Computes all rows of a step that is adapted to its input.
  func computeAll(
    from input: InputRows, into output: UnsafeMutableRawPointer, threads: Int
  ) {
    let (place, bytesPerRow) = (OutputPlace(base: output), self.output.bytesPerRow)
    forEachStrip(of: 0..<self.output.height, threads: threads) { next in
      let worker = makeWorker()
      while let rows = next() {
        worker.compute(
          strips: rows, from: input, bytesPerRow: bytesPerRow,
          into: place.base + rows.lowerBound * bytesPerRow)
      }
    }
  }
}

extension RowWorker {
  /// Computes many rows: where they may be given up some at a time, and not all once nobody waits for them.
  ///
  /// - Parameter bytesPerRow: those of the output.
  func compute(
    strips rows: Range<Int>, from input: InputRows, bytesPerRow: Int,
    into output: UnsafeMutableRawPointer
  ) {
    guard input.cancellation != nil else { return compute(rows, from: input, into: output) }
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: 32) {
      if input.isCancelled { return }
      compute(
        row..<min(rows.upperBound, row + 32), from: input,
        into: output + (row - rows.lowerBound) * bytesPerRow)
    }
  }
}

/// Cuts rows into strips, which the threads take as they get done; `work` is called once on every thread.
func forEachStrip(
  of rows: Range<Int>, threads: Int, _ work: @escaping @Sendable (_ next: () -> Range<Int>?) -> Void
) {
  let workers = max(1, min(threads, rows.count))
  let strips = workers == 1 ? 1 : min(rows.count, workers * 4)
  parallelLoop(strips, threads: workers) { next in
    work {
      next().map { strip in
        let (first, count) = (rows.lowerBound, rows.count)
        return first + count * strip / strips..<first + count * (strip + 1) / strips
      }
    }
  }
}

/// Where an output begins.
///
/// Unchecked: threads write to different rows of it.
private struct OutputPlace: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
}
