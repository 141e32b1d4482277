import Files
import Images
import LoopInterface
import Loops

extension RowStep {
  /// Computes the whole output, in strips that the threads take as they get done.
  func run(on image: Image, into output: inout Image, threads: Int) {
    let (height, bytesPerRow) = (self.output.height, self.output.bytesPerRow)
    image.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let input = InputRows(base: base, first: 0, bytesPerRow: self.input.bytesPerRow)
      let step = adapted(to: input, in: .everything)
      output.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let place = OutputPlace(base: base)
        let workers = max(1, min(threads, height))
        let strips = workers == 1 ? 1 : min(height, workers * 4)
        parallelLoop(strips, threads: workers) { next in
          let worker = step.makeWorker()
          while let strip = next() {
            let rows = height * strip / strips..<height * (strip + 1) / strips
            worker.compute(
              rows, from: input, into: place.base + rows.lowerBound * bytesPerRow)
          }
        }
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
