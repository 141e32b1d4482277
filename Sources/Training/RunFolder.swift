import Datasets
import Figures
import Files
import FoundationEssentials
import Glibc
import Images

/// The folder that a training writes: configuration, log, figures, the best model and the checkpoint
/// from which the same command goes on.
///
/// Every file is replaced as a whole, so that a crash or a full disk leaves the one before.
public struct RunFolder: Sendable {
  /// The folder's path as the user gave it.
  public let path: String

  /// The settings of the run, as JSON.
  public var configuration: String { file("config.json") }
  /// One line an epoch, comma separated; depends on data, settings and seed alone.
  public var log: String { file("log.csv") }
  /// The same and how long it took, one JSON object a line.
  package var timedLog: String { file("log.json") }
  /// The model with the best validation accuracy.
  public var best: String { file("best.safetensors") }
  /// Everything that is needed to go on.
  public var checkpoint: String { file("last.checkpoint") }

  /// A file of the folder.
  public func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  /// Makes the folder, and those above it, where they do not exist.
  public init(path: String) throws(TrainingError) {
    self.path = path
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let prefix = String(path[..<end])
      if mkdir(prefix, 0o777) != 0, errno != EEXIST {
        throw .file(
          path: prefix, problem: "cannot make the folder: \(errorText(errno))")
      }
      if end < path.endIndex, path[end...].allSatisfy({ $0 == "/" }) { break }
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .file(path: path, problem: "is no folder; give another with --out")
    }
  }

  /// Refuses, before any work is done for it, a path at which no run folder can be: one that cannot be
  /// written, or that lies in the data, whose pictures would be taken for some of these.
  ///
  /// - Parameter data: the folders that are learnt from and measured by.
  package static func requireUsable(
    _ path: String, outside data: [String]
  ) throws(TrainingError) {
    for folder in data where realComponents(path).starts(with: realComponents(folder)) {
      throw .options("--out \(path): lies inside the data; give a folder beside \(folder)")
    }
    var existing = path
    while !existing.isEmpty, access(existing, F_OK) != 0 {
      existing = String(existing.prefix(upTo: existing.lastIndex(of: "/") ?? existing.startIndex))
    }
    if existing.isEmpty { existing = path.hasPrefix("/") ? "/" : "." }
    var status = stat()
    guard stat(existing, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .file(path: existing, problem: "is no folder; give another with --out")
    }
    guard access(existing, W_OK) == 0 else {
      throw .file(
        path: existing,
        problem: "cannot write there: \(errorText(errno)); give another with --out")
    }
  }

  /// The names on the way from the root to a path, links and `..` resolved as far as it exists.
  private static func realComponents(_ path: String) -> [Substring] {
    func existing(_ path: String) -> [Substring]? {
      guard let real = realpath(path, nil) else { return nil }
      defer { free(real) }
      return String(cString: real).split(separator: "/")
    }
    var components = path.hasPrefix("/") ? [] : existing(".") ?? []
    for name in path.split(separator: "/") where name != "." {
      if name == ".." {
        _ = components.popLast()
      } else {
        components.append(name)
        components = existing("/" + components.joined(separator: "/")) ?? components
      }
    }
    return components
  }

  /// Whether a file of the folder is there.
  public func contains(_ file: String) -> Bool { access(file, F_OK) == 0 }

  // MARK: - Configuration

  /// Writes the configuration of a run that begins, or compares it with the one that is there.
  ///
  /// - Returns: whether there is a checkpoint to go on from.
  /// - Throws: ``TrainingError/otherConfiguration(folder:_:)`` where the folder was begun otherwise.
  package func begin(_ settings: some Encodable) throws(TrainingError) -> Bool {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let now: Data
    do { now = try encoder.encode(settings) + Data("\n".utf8) } catch {
      throw .options("the settings cannot be written as JSON: \(error)")
    }
    guard contains(configuration) else {
      guard !contains(checkpoint) else {
        throw .file(
          path: path, problem: "holds a checkpoint without config.json; give another folder")
      }
      try write(Array(now), to: configuration)
      return false
    }
    let differences: [ConfigurationDifference]
    do {
      let before = try Data(contentsOf: URL(filePath: configuration))
      differences = try ConfigurationDifference.between(before, now)
    } catch {
      throw .file(path: configuration, problem: "is not readable as JSON; give another folder")
    }
    guard differences.isEmpty else {
      throw .otherConfiguration(folder: path, differences)
    }
    return contains(checkpoint)
  }

  // MARK: - Files

  /// Replaces a file's content.
  package func write(_ bytes: [UInt8], to file: String) throws(TrainingError) {
    do throws(FileError) {
      let target = try AtomicFile(path: file)
      try target.write(bytes)
      try target.commit()
    } catch {
      throw .file(path: file, problem: "\(error)")
    }
  }

  /// Draws loss and accuracy over the epochs: `curves.png`.
  package func drawCurves(_ log: RunLog) throws(TrainingError) {
    let epochs = log.column("epoch")
    func series(_ name: String, _ column: String, style: LineChart.Style) -> LineChart.Series {
      // Not every epoch was measured.
      let points = zip(epochs, log.column(column)).compactMap { epoch, value in
        epoch.flatMap { epoch in value.map { LineChart.Series.Point(x: epoch, y: $0) } }
      }
      return LineChart.Series(name, points: points, style: style)
    }
    let charts = [("Loss", "loss"), ("Accuracy", "accuracy")].map { title, column in
      LineChart(
        title: title, horizontalTitle: "epoch",
        series: [
          series("training", column, style: .dashed),
          series("validation", "validation_\(column)", style: .solid),
        ])
    }
    try draw(to: file("curves.png")) { () throws(FigureError) in try LineChart.rendered(charts) }
  }

  /// Draws which class was taken for which: `confusion.png`.
  package func drawConfusion(
    _ counts: ConfusionCounts, classNames: [String], title: String
  ) throws(TrainingError) {
    let matrix = ConfusionMatrix(title: title, classNames: classNames, counts: counts.rows)
    try draw(to: file("confusion.png")) { () throws(FigureError) in try matrix.rendered() }
  }

  /// Draws the pictures that were taken for another class, the worst first: `mistakes.png`. Where there
  /// are none, nothing.
  package func drawMistakes(
    _ result: ClassifierEvaluator.Result, in pictures: Dataset
  ) throws(TrainingError) {
    let worst = result.mistakes.sorted {
      ($0.prediction.loss, $1.index) > ($1.prediction.loss, $0.index)
    }
    let items = worst.prefix(48).compactMap { mistake -> ContactSheet.Item? in
      guard let image = try? pictures.image(at: mistake.index) else { return nil }
      return ContactSheet.Item(
        image: image, label: pictures.classNames[mistake.prediction.label],
        probability: mistake.prediction.probability,
        trueLabel: pictures.classNames[mistake.label])
    }
    guard !items.isEmpty else { return }
    let sheet = ContactSheet(
      title: "\(result.mistakes.count) of \(result.evaluation.count) taken for another class",
      items: items,
      note: items.count < result.mistakes.count ? "The \(items.count) worst are shown." : "")
    try draw(to: file("mistakes.png")) { () throws(FigureError) in try sheet.rendered() }
  }

  /// Renders a figure into a file.
  func draw(
    to file: String, _ figure: () throws(FigureError) -> Image
  ) throws(TrainingError) {
    do { try figure().write(path: file) } catch {
      throw .file(path: file, problem: "\(error)")
    }
  }

  /// Writes `log.csv`, and `log.json` with the seconds of the epochs.
  package func write(_ log: RunLog, timings: [(name: String, value: Double)]) throws(TrainingError)
  {
    try write(Array(log.csv.utf8), to: self.log)
    // Lines of epochs before this one stay as they are; those of an epoch done again are replaced.
    let before = (try? String(contentsOf: URL(filePath: timedLog), encoding: .utf8)) ?? ""
    let lines = before.split(separator: "\n").prefix(log.rows.count - 1).map(String.init)
    let now = log.jsonLine(row: log.rows.count - 1, adding: timings)
    try write(Array(((lines + [now]).joined(separator: "\n") + "\n").utf8), to: timedLog)
  }
}
