import Figures
import Files
import Filters
import Images

/// One run of `vision filter` over its inputs.
struct FilterRun: Sendable {
  let chain: FilterChain
  let target: OutputTarget
  /// The format that was asked for by name; `nil`: that of the input.
  let format: ImageFormat?
  let writing: WriteOptions
  let reading: ReadOptions

  /// An image to be filtered and where its result goes.
  private struct Job: Sendable {
    let input: Input
    /// `nil`: standard output.
    let output: FilePath?
    /// Why it cannot be done, known before it is tried.
    let obstacle: String?
  }

  /// Filters all images that the arguments stand for, reports, and says how it went.
  ///
  /// Where there are fewer images than threads, each takes several; otherwise each thread takes
  /// images of its own.
  func apply(to arguments: [FilePath], threads: Int) throws(RunError) -> ExitStatus {
    let finder = InputFinder(arguments, excluding: target.directory)
    try finder.requireInputs()
    if let directory = target.directory { try createDirectory(directory) }
    let jobs = plan(finder.inputs)
    let report = Report(jobs.map(\.input), failures: finder.failures)
    let workers = max(1, min(threads, jobs.count))
    let threadsPerImage = max(1, threads / workers)
    parallelLoop(jobs.count, threads: workers) { next in
      while let index = next() {
        report.finish(index, outcome(of: jobs[index], threads: threadsPerImage))
      }
    }
    return report.close(verb: "filtered")
  }

  /// Decides where each result goes, so that no two go to one place and none replaces an input.
  private func plan(_ inputs: [Input]) -> [Job] {
    let planned = inputs.map { input in
      (input, target.path(for: input, format: expectedFormat(of: input)))
    }
    // In a directory, what an earlier run made of these inputs is no input.
    let outputs = Set(planned.compactMap(\.1))
    let fresh = planned.filter { input, _ in
      if case .beside = target { !(input.isFound && outputs.contains(input.path)) } else { true }
    }
    if fresh.count < planned.count {
      let count = planned.count - fresh.count
      StandardStream.error.write(
        "\(count) \(count == 1 ? "result" : "results") of an earlier run passed over\n")
    }
    let identities = Set(fresh.compactMap(\.0.identity))
    var taken: [FilePath: FilePath] = [:]
    return fresh.map { input, output in
      var obstacle: String?
      if let output {
        if let other = taken.updateValue(input.path, forKey: output) {
          obstacle = "its result would replace that of \(other), \(output); use -o DIR/"
          taken[output] = other
        } else if !target.isInPlace, let identity = FileStatus(of: output)?.identity,
          identities.contains(identity)
        {
          obstacle = "its result would replace an input, \(output); use another -o or --in-place"
        }
      }
      return Job(input: input, output: output, obstacle: obstacle)
    }
  }

  /// The format in which the input's result will be written, as far as can be told beforehand.
  private func expectedFormat(of input: Input) -> ImageFormat {
    format ?? input.format ?? ImageFormat(extensionOf: input.path)
      ?? .png
  }
}

// MARK: - One image

extension FilterRun {
  private func outcome(of job: Job, threads: Int) -> Report.Outcome {
    if let obstacle = job.obstacle { return .failed(obstacle) }
    var reading = reading
    reading.sufficientLongSide = chain.sufficientLongSide
    do {
      let measurements = Measurements()
      let warnings = try job.input.withReader(reading) { reader in
        let warnings = try filter(
          reader, to: job.output, threads: threads, measurements: measurements)
        return reader.warnings + warnings
      }
      return .done(try line(for: job, measurements), warnings: warnings)
    } catch {
      return .failed("\(error)")
    }
  }

  /// Where the result is, or what was measured.
  private func line(for job: Job, _ measurements: Measurements) throws -> String? {
    if chain.drawsHistograms, let output = job.output {
      try draw(measurements, beside: output)
    }
    guard chain.measures else { return job.output?.description }
    return try encodeJSON(
      line: MeasuredImage(
        input: job.input.path.description, output: job.output?.description,
        steps: measurements.all))
  }

  private func draw(_ measurements: Measurements, beside output: FilePath) throws {
    let charts = measurements.all.map { measurement in
      let names = measurement.histogram.count == 1 ? ["grey"] : ["red", "green", "blue"]
      return LineChart(
        title: measurement.filter, horizontalTitle: "level", verticalTitle: "samples",
        series: zip(names, measurement.histogram).map { name, counts in
          LineChart.Series(name, values: counts.map(Double.init), startingAt: 0)
        })
    }
    try writeImage(
      try LineChart.rendered(charts),
      to: ImageFormat.png.renaming(output, inserting: "histogram"))
  }

  /// Decodes, filters and encodes, all three at the same time where there are threads for them; returns
  /// what is to be known of the image.
  private func filter(
    _ reader: ImageReader, to output: FilePath?, threads: Int, measurements: Measurements
  ) throws -> [String] {
    let decoded: any RowSource = threads > 1 ? ReadAheadSource(reader) : reader
    var warnings: [String] = []
    let filtered = try chain.source(
      over: decoded, limits: reading.limits, fullSize: reader.fullSize, measurements: measurements
    ) { warnings.append($0) }
    var options = writing
    options.format = format ?? reader.info.format
    options.threads = threads
    guard let output else {
      try filtered.write(to: FileDescriptorSink.standardOutput, options: options)
      return warnings
    }
    if let directory = target.directory, output.parent != directory {
      try createDirectory(output.parent)
    }
    let file: AtomicFile
    do throws(FileError) { file = try AtomicFile(pathBytes: output.bytes) } catch {
      throw unwritable(output, error)
    }
    try filtered.write(to: file, options: options)
    do throws(FileError) { try file.commit() } catch { throw unwritable(output, error) }
    return warnings
  }

  private func unwritable(_ output: FilePath, _ reason: FileError) -> any Error {
    // In place, the message names the file already.
    target.isInPlace ? reason : UnwritableOutput(path: output, reason: reason)
  }
}

/// What `--measure` tells of an image.
private struct MeasuredImage: Encodable {
  let input: String
  let output: String?
  let steps: [Measurement]
}

/// A result could not be put where it belongs; the input is not to blame.
private struct UnwritableOutput: Error, CustomStringConvertible {
  let path: FilePath
  let reason: FileError

  var description: String {
    FileStatus(of: path.parent)?.kind == .directory
      ? "its result \(path): \(reason)"
      : "there is no folder \(path.parent); make it, or give another -o"
  }
}
