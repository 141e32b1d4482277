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
  package var jsonLog: String { file("log.json") }
  /// The model of the best epoch.
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
      throw .folder(path: path, problem: "is not a directory")
    }
  }

  /// A folder that is there; nil where there is none.
  public init?(existing path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    self.path = path
  }

  /// Refuses, before any work is done for it, a path at which no run folder can be: one that cannot be
  /// written, that lies in the data, whose images would be taken for some of these, or that holds a file
  /// which is read, and may be replaced.
  ///
  /// - Parameters:
  ///   - data: what is learned from and measured by.
  ///   - files: what else is read, such as a model to begin with.
  public static func validate(
    _ path: String, outside data: [String], reading files: [String] = []
  ) throws(TrainingError) {
    let folder = realComponents(path)
    for data in data where folder.starts(with: realComponents(data)) {
      throw .setting("runFolder", "\(path): is inside the data; choose one outside \(data)")
    }
    for file in files + data where isFile(file) && realComponents(file).starts(with: folder) {
      throw .setting("runFolder", "\(path): holds \(file), which is read; choose another one")
    }
    var existing = path
    while !existing.isEmpty, access(existing, F_OK) != 0 {
      existing = String(existing.prefix(upTo: existing.lastIndex(of: "/") ?? existing.startIndex))
    }
    if existing.isEmpty { existing = path.hasPrefix("/") ? "/" : "." }
    var status = stat()
    guard stat(existing, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .folder(path: existing, problem: "is not a directory")
    }
    guard access(existing, W_OK) == 0 else {
      throw .folder(path: existing, problem: "cannot write there: \(errorText(errno))")
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
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

  /// Draws every logged number over the epochs: `curves.png`.
  func drawCurves(_ log: RunLog, _ columns: [Column]) throws(TrainingError) {
    let epochs = log.column("epoch")
    var charts: [LineChart] = []
    for column in columns where column.name != Column.learningRate {
      // Not every epoch was measured.
      let points = zip(epochs, log.column(column.name)).compactMap { epoch, value in
        epoch.flatMap { epoch in value.map { LineChart.Series.Point(x: epoch, y: $0) } }
      }
      guard !points.isEmpty else { continue }
      let series = LineChart.Series(
        column.series, points: points, style: column.isDashed ? .dashed : .solid)
      if let place = charts.firstIndex(where: { $0.title == column.chart }) {
        charts[place].series.append(series)
      } else {
        charts.append(LineChart(title: column.chart, xLabel: "epoch", series: [series]))
      }
    }
    guard !charts.isEmpty else { return }
    try draw(to: file("curves.png")) { () throws(FigureError) in try LineChart.rendered(charts) }
  }

  /// Renders a figure into a file.
  package func draw(
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
    let before = (try? String(contentsOf: URL(filePath: jsonLog), encoding: .utf8)) ?? ""
    let lines = before.split(separator: "\n").prefix(log.rows.count - 1).map(String.init)
    let now = log.jsonLine(row: log.rows.count - 1, adding: timings)
    try write(Array(((lines + [now]).joined(separator: "\n") + "\n").utf8), to: jsonLog)
  }
}
