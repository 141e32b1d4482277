import Figures
import Files
import Filters
import Images

// One image.

extension FilterRun {
  func outcome(of job: Job, threads: Int) -> BatchReport.Outcome {
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
