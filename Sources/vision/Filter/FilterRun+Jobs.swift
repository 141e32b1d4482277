import Figures
import Files
import Images

// Where results go.

extension FilterRun {
  /// Decides where each result goes, so that no two go to one place and none replaces an input or a file of the user's;
  /// counts what is passed over.
  func jobs(for inputs: [Input], _ skipped: inout [String: Int]) -> [Job] {
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

  static func histogram(of output: FilePath) -> FilePath {
    ImageFormat.png.renaming(output, inserting: "histogram")
  }

  /// Whether a file may be taken for a result of this program: it says so, or the user does.
  private func isResult(_ path: FilePath) -> Bool { batch.overwrite || path.isMarkedResult }

  /// The format in which the input's result will be written, as far as can be told beforehand.
  private func expectedFormat(of input: Input) -> ImageFormat {
    format ?? Self.written(input.format ?? ImageFormat(extensionOf: input.path))
  }

  /// The format of a result whose input has this one: the same, where it can be written.
  static func written(_ format: ImageFormat?) -> ImageFormat {
    format.flatMap { $0.isWritable ? $0 : nil } ?? .png
  }
}
