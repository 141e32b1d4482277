import Figures
import Files
import Filters
import Images

/// What is done to an image before filters: by a network, with all threads on one image.
protocol ImageFront: Sendable {
  /// What the closing line says of the images: `upscaled`.
  var verb: String { get }
  /// The rows of the result.
  ///
  /// - Parameters:
  ///   - decoded: the rows of the image.
  ///   - reader: what its file says.
  ///   - limits: what the result must keep to.
  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource
  /// What else is written beside a result; nil where that is all.
  func companion(of output: FilePath) -> FilePath?
  /// Writes it, when the result is.
  func writeCompanion(to path: FilePath) throws
  /// What is told on standard output of an image that is done; nil for nothing.
  func line(for input: FilePath, output: FilePath?) -> String?
  /// The image is done, or has failed.
  func finish()
}

extension ImageFront {
  func companion(of output: FilePath) -> FilePath? { nil }
  func writeCompanion(to path: FilePath) throws {}
  func line(for input: FilePath, output: FilePath?) -> String? { output?.description }
}

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
  /// images of its own. A network takes them one by one.
  func apply(to arguments: [FilePath], threads: Int) throws(RunError) -> ExitStatus {
    let finder = InputFinder(arguments, excluding: target.directory)
    try finder.requireInputs()
    if let directory = target.directory { try createDirectory(directory) }
    var skipped = finder.foreignFormats
    let jobs = plan(finder.inputs, &skipped)
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

  /// Decides where each result goes, so that no two go to one place and none replaces an input or a file of the user's;
  /// counts what is passed over.
  private func plan(_ inputs: [Input], _ skipped: inout [String: Int]) -> [Job] {
    var planned = inputs.map { input in
      (input, target.path(for: input, format: expectedFormat(of: input)))
    }
    func pass(over one: String, or many: String, where isPassed: (Input) -> Bool) {
      let count = planned.count
      planned.removeAll { isPassed($0.0) }
      let passed = count - planned.count
      if passed > 0 { skipped[passed == 1 ? one : many] = passed }
    }
    if case .beside = target {
      // In a directory, what an earlier run made of these inputs is no input.
      let results = planned.compactMap(\.1)
      let outputs = Set(results + results.flatMap { companions(of: $0) })
      pass(over: "result of an earlier run", or: "results of an earlier run") { input in
        input.isFound && outputs.contains(input.path)
          && (batch.skipExisting || isResult(input.path))
      }
    }
    if target.isInPlace, !batch.followLinks {
      let place = "outside, where links lead (see --follow-links)"
      pass(over: "file \(place)", or: "files \(place)") { $0.isOutside }
    }
    let identities = Set(planned.compactMap(\.0.identity))
    // Of two inputs for one name, it belongs to the one that is called so already.
    let owners = Dictionary(
      planned.compactMap { input, output in
        output.flatMap { $0.ending == input.path.ending ? ($0, input.path) : nil }
      }, uniquingKeysWith: { first, _ in first })
    var taken: [FilePath: FilePath] = [:]
    var jobs: [Job] = []
    var existing = 0
    for (input, wanted) in planned {
      guard var output = wanted else {
        jobs.append(Job(input: input, output: nil, obstacle: nil))
        continue
      }
      if taken[output] ?? owners[output] ?? input.path != input.path,
        let other = target.alternative(for: input, format: expectedFormat(of: input))
      {
        output = other
      }
      // In place, what two links lead to is worked on once.
      let place = target.isInPlace ? output.resolved ?? output : output
      if target.isInPlace, taken[place] != nil { continue }
      if batch.skipExisting, !target.isInPlace, FileStatus(of: output) != nil,
        taken.updateValue(input.path, forKey: place) == nil
      {
        existing += 1
        continue
      }
      jobs.append(
        Job(
          input: input, output: output,
          obstacle: obstacle(to: output, takenBy: taken[place], inputs: identities)))
      if taken[place] == nil { taken[place] = input.path }
    }
    if existing > 0 { skipped["with a result already (--skip-existing)"] = existing }
    return jobs
  }

  /// Why a result cannot go to a place; nil where it can.
  private func obstacle(
    to output: FilePath, takenBy other: FilePath?, inputs: Set<FileStatus.Identity>
  ) -> String? {
    if let other {
      return "its result would replace that of \(other), \(output); use -o DIR/"
    }
    let companions = companions(of: output)
    for place in target.isInPlace ? companions : [output] + companions where reads.holds(place) {
      return "its result would replace \(place), which is read, too; use another -o"
    }
    for companion in companions {
      guard let status = FileStatus(of: companion), status.kind == .file else { continue }
      if inputs.contains(status.identity) {
        return "its result would replace an input, \(companion); use another -o"
      }
      if !isResult(companion) {
        return "its result would replace \(companion), which does not say that vision wrote it; "
          + "use --overwrite or another -o"
      }
    }
    guard !target.isInPlace, let status = FileStatus(of: output) else { return nil }
    if inputs.contains(status.identity) {
      return "its result would replace an input, \(output); use another -o or --in-place"
    }
    if target.makesNames, status.kind == .file, !isResult(output) {
      return "its result would replace \(output), which does not say that vision wrote it; "
        + "use --overwrite or another -o"
    }
    return nil
  }

  /// What is written beside a result.
  private func companions(of output: FilePath) -> [FilePath] {
    [front?.companion(of: output), chain.drawsHistograms ? Self.histogram(of: output) : nil]
      .compactMap { $0 }
  }

  private static func histogram(of output: FilePath) -> FilePath {
    ImageFormat.png.renaming(output, inserting: "histogram")
  }

  /// Whether a file may be taken for a result of this program: it says so, or the user does.
  private func isResult(_ path: FilePath) -> Bool { batch.overwrite || path.isMarkedResult }

  /// The format in which the input's result will be written, as far as can be told beforehand.
  private func expectedFormat(of input: Input) -> ImageFormat {
    format ?? Self.written(input.format ?? ImageFormat(extensionOf: input.path))
  }

  /// The format of a result whose input has this one: the same, where it can be written.
  private static func written(_ format: ImageFormat?) -> ImageFormat {
    format.flatMap { $0.isWritable ? $0 : nil } ?? .png
  }
}

// MARK: - One image

extension FilterRun {
  private func outcome(of job: Job, threads: Int) -> BatchReport.Outcome {
    if let obstacle = job.obstacle { return .failed(obstacle) }
    var reading = reading
    reading.sufficientLongSide = chain.sufficientLongSide
    let times = batch.preserveTimes ? FileTimes(of: job.input.path) : nil
    do {
      let measurements = Measurements()
      let warnings = try job.input.withReader(reading) { reader in
        if target.isInPlace { try requirePlace(for: reader) }
        let warnings = try filter(
          reader, to: job.output, threads: threads, measurements: measurements)
        return reader.warnings + warnings
      }
      if let times, let output = job.output { try times.apply(to: output) }
      return .done(try line(for: job, measurements), warnings: warnings)
    } catch {
      return .failed("\(error)")
    }
  }

  /// - Throws: when a result in the input's place would lose other images, or be of another format.
  private func requirePlace(for reader: ImageReader) throws(ImageError) {
    let format = reader.info.format
    guard format.isWritable else {
      throw .invalidRequest("\(format.displayName) is read, but not written; give -o")
    }
    if reader.info.imageCount > 1, !batch.overwrite {
      throw .invalidRequest(
        "holds \(reader.info.imageCount) images, of which one would be left; give -o, or --overwrite"
      )
    }
  }

  /// Where the result is, or what was measured.
  private func line(for job: Job, _ measurements: Measurements) throws -> String? {
    if chain.drawsHistograms, let output = job.output {
      try draw(measurements, beside: output)
    }
    if let front { return front.line(for: job.input.path, output: job.output) }
    guard chain.measures else { return job.output?.description }
    return try encodeJSON(
      line: MeasuredImage(
        input: job.input.path.description, output: job.output?.description,
        steps: measurements.all))
  }

  private func draw(_ measurements: Measurements, beside output: FilePath) throws {
    let charts = measurements.all.map { measurement in
      let names = measurement.histogram.count == 1 ? ["gray"] : ["red", "green", "blue"]
      return LineChart(
        title: measurement.filter, xLabel: "level", yLabel: "samples",
        series: zip(names, measurement.histogram).map { name, counts in
          LineChart.Series(name, values: counts.map(Double.init), startingAt: 0)
        })
    }
    try writeImage(try LineChart.rendered(charts), to: Self.histogram(of: output))
  }

  /// Decodes, filters and encodes, all three at the same time where there are threads for them; returns
  /// what is to be known of the image.
  private func filter(
    _ reader: ImageReader, to output: FilePath?, threads: Int, measurements: Measurements
  ) throws -> [String] {
    var decoded: any RowSource = threads > 1 ? ReadAheadSource(reader) : reader
    if let front {
      decoded = try front.source(
        over: decoded, of: reader, limits: reading.limits, threads: threads)
    }
    defer { front?.finish() }
    var warnings: [String] = []
    let filtered = try chain.source(
      over: decoded, limits: reading.limits, fullSize: reader.fullSize, measurements: measurements
    ) { warnings.append($0) }
    var options = writing
    options.format = format ?? Self.written(reader.info.format)
    options.threads = threads
    options.keep(reader)
    guard let output else {
      let lost = try filtered.write(to: FileDescriptorSink.standardOutput, options: options)
      return warnings + lost
    }
    switch target {
    case .directory(let directory) where output.parent == directory: break
    case .directory, .pattern: try createDirectory(output.parent)
    default: break
    }
    let file: AtomicFile
    do throws(FileError) { file = try AtomicFile(pathBytes: output.bytes) } catch {
      throw unwritable(output, error)
    }
    let lost = try filtered.write(to: file, options: options)
    do throws(FileError) { try file.commit() } catch { throw unwritable(output, error) }
    if let front, let companion = front.companion(of: output) {
      try front.writeCompanion(to: companion)
    }
    return warnings + lost
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
      : "directory \(path.parent) does not exist; create it or choose another -o"
  }
}
