import Figures
import Files
import Filters
import Images

/// One run of `vision filter` over its inputs, or of a command that lets a network work on images.
struct FilterRun: Sendable {
  /// Nil where there are only filters.
  var front: (any ImageFront)?
  let chain: FilterChain
  let target: OutputTarget
  /// The format that was asked for by name; `nil`: that of the input.
  let format: ImageFormat?
  let writing: WriteOptions
  let reading: ReadOptions
  let batch: BatchOptions
  /// What is read beside the images: models, masks, kernels.
  let reads: RunInputs

  /// An image to be filtered and where its result goes.
  struct Job: Sendable {
    let input: Input
    /// `nil`: standard output.
    let output: FilePath?
    /// Why it cannot be done, known before it is tried.
    let obstacle: String?
  }

  /// Filters all images that the arguments stand for, reports, and says how it went.
  ///
  /// Where there are fewer images than threads, each takes several; otherwise each thread takes
  /// images of its own. A network takes them one by one.
  func apply(to arguments: [FilePath], threads: Int) throws(RunError) -> ExitStatus {
    let finder = InputFinder(arguments, excluding: target.directory)
    try finder.requireInputs()
    if let directory = target.directory { try createDirectory(directory) }
    var skipped = finder.foreignFormats
    let jobs = jobs(for: finder.inputs, &skipped)
    let report = BatchReport(jobs.map(\.input), failures: finder.failures, skipped: skipped)
    let workers = front == nil ? max(1, min(threads, jobs.count)) : 1
    let threadsPerImage = max(1, threads / workers)
    parallelLoop(jobs.count, threads: workers) { next in
      while let index = next() {
        report.finish(index, outcome(of: jobs[index], threads: threadsPerImage))
      }
    }
    return report.close(verb: front?.verb ?? "filtered")
  }
}
