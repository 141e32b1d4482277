import Images

/// Several steps on the same rows, put together sample by sample with them: what is above its mean, an
/// opening taken from its image.
struct BranchStep: RowStep {
  /// Each gives rows of the output's width and height.
  let branches: [any RowStep]
  let output: PixelLayout
  let combine: Combine

  /// Makes a row from the input's and those of the branches.
  typealias Combine =
    @Sendable (
      _ input: UnsafeRawPointer, _ branches: [UnsafeRawPointer],
      _ output: UnsafeMutableRawPointer
    ) -> Void

  /// - Precondition: there is a branch.
  init(_ branches: [any RowStep], output: PixelLayout, combine: @escaping Combine) {
    self.branches = branches
    self.output = output
    self.combine = combine
  }

  var input: PixelLayout { branches[0].input }
  var needsWholeImage: Bool { branches.contains { $0.needsWholeImage } }

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    branches.map { $0.inputRows(for: rows) }.reduce(rows) { all, rows in
      min(all.lowerBound, rows.lowerBound)..<max(all.upperBound, rows.upperBound)
    }
  }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    BranchStep(
      branches.map { $0.adapted(to: image, in: selection, threads: threads) }, output: output,
      combine: combine)
  }

  func makeWorker() -> any RowWorker { Worker(self) }

  private final class Worker: RowWorker {
    private let step: BranchStep
    private let workers: [any RowWorker]
    private let results: [Scratch<UInt8>]

    /// Rows that each branch computes at a time.
    private static let stripHeight = 8

    init(_ step: BranchStep) {
      self.step = step
      workers = step.branches.map { $0.makeWorker() }
      results = step.branches.map {
        Scratch(uninitialized: Self.stripHeight * $0.output.bytesPerRow)
      }
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      var first = rows.lowerBound
      while first < rows.upperBound {
        let strip = first..<min(rows.upperBound, first + Self.stripHeight)
        for (worker, result) in zip(workers, results) {
          worker.compute(strip, from: input, into: result.start)
        }
        for row in strip {
          let places = zip(step.branches, results).map { branch, result in
            UnsafeRawPointer(result.start) + (row - first) * branch.output.bytesPerRow
          }
          step.combine(
            input[row], places, output + (row - rows.lowerBound) * step.output.bytesPerRow)
        }
        first = strip.upperBound
      }
    }
  }
}
