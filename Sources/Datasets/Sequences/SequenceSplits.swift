import Files
import Glibc

/// Texts, series or clips as they lie on disk: their splits, and what was odd about them.
public struct SequenceSplits: Sendable {
  /// What there is.
  public enum Content: Sendable {
    case texts(LabeledExamples<String>)
    case series(LabeledExamples<FeatureSequence>)
    case clips(LabeledExamples<Clip>)

    /// What they are called.
    public var plural: String {
      switch self {
      case .texts: "texts"
      case .series: "series"
      case .clips: "clips"
      }
    }
  }

  /// What to learn from; where there is a single split, this is it.
  public var training: Content
  /// What its makers set apart to validate by: a folder `val`, `valid` or `validation` beside `train`.
  public var validation: Content?
  /// What its makers set apart to test by: a folder `test`, a file `…_TEST.ts`.
  public var test: Content?
  public var warnings: [DatasetWarning] = []

  /// What a model is evaluated on: the test split, else the validation split, else everything.
  public var evaluation: Content { test ?? validation ?? training }

  /// Reads a folder of folders of texts (`<class>/*.txt`), a folder of `…_TRAIN.ts` and `…_TEST.ts`, one
  /// `.ts` file, a table with a column of classes (CSV, TSV), or a folder of folders of clips
  /// (`<class>/<clip>/001.png`).
  ///
  /// - Parameters:
  ///   - text: the table's column of texts; nil for one of the usual names.
  ///   - label: the table's column of classes; nil for one of the usual names.
  /// - Returns: nil where the data are none of these.
  /// - Throws: where they are, and cannot be used.
  public init?(path: String, text: String? = nil, label: String? = nil) throws(DatasetError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    if status.st_mode & S_IFMT != S_IFDIR {
      if TimeSeriesFile.isFile(path) {
        self.init(training: .series(try TimeSeriesFile.read(path)))
        return
      }
      guard text != nil || label != nil || Self.looksLikeTable(path) else { return nil }
      let table = try DelimitedTable(path: path)
      guard let content = try SequenceTable.read(table, text: text, label: label) else {
        return nil
      }
      self.init(training: content)
      return
    }
    let entries = try ImageFolder().entries(of: path)
    let files = entries.filter { !$0.isFolder && !$0.isBroken }
    if let splits = try Self.series(files, path) {
      self = splits
      return
    }
    let folders = entries.filter(\.isFolder)
    if let splits = try Self.parts(
      folders, { .texts($0) },
      { (folders, path, warnings) throws(DatasetError) in
        try Self.classes(folders, path, &warnings)
      })
    {
      self = splits
      return
    }
    let clips = try Self.parts(
      folders, { .clips($0) },
      { (folders, _, _) throws(DatasetError) in try Self.clips(folders) })
    guard let clips else { return nil }
    self = clips
  }

  private init(training: Content) { self.training = training }

  /// Whether a file's first line names a column of classes beside others.
  private static func looksLikeTable(_ path: String) -> Bool {
    guard let bytes = try? DataFile.beginning(path, count: 1 << 16),
      let text = String(validating: bytes.prefix { $0 != 10 }, as: UTF8.self)
    else { return false }
    let names = text.split { ",;\t\r".contains($0) }.map { $0.lowercased() }
    // A list of images has a column of paths.
    return names.count > 1 && names.contains(where: SequenceTable.classColumns.contains)
      && !names.contains("path")
  }

  // MARK: - Series

  private static func series(
    _ files: [ImageFolder.Entry], _ path: String
  ) throws(DatasetError) -> SequenceSplits? {
    let series = files.filter { TimeSeriesFile.isFile($0.path) }
    func part(_ name: String) -> [ImageFolder.Entry] {
      series.filter { $0.name.uppercased().hasSuffix("_\(name).TS") }
    }
    let (training, test) = (part("TRAIN"), part("TEST"))
    guard let first = training.first ?? series.first else { return nil }
    guard training.count < 2, test.count < 2, training.count == 1 || series.count == 1 else {
      throw .corrupt(
        path: path, "holds several series data sets; name one of its files: \(first.name), …")
    }
    let examples = try TimeSeriesFile.read(first.path)
    var splits = SequenceSplits(training: .series(examples))
    if let file = test.first, file.path != first.path {
      let other = try TimeSeriesFile.read(file.path)
      splits.test = .series(try other.relabeled(as: examples.classNames, path: file.path))
    }
    return splits
  }

  // MARK: - Folders of classes

  /// Reads the examples in the folders of some classes; nil where there are none of the kind.
  private typealias ClassReader<Element: Sendable> = (
    _ folders: [ImageFolder.Entry], _ path: String, _ warnings: inout [DatasetWarning]
  ) throws(DatasetError) -> LabeledExamples<Element>?

  /// The parts in folders `train`, `val` and `test`, or the only one.
  private static func parts<Element>(
    _ folders: [ImageFolder.Entry], _ content: (LabeledExamples<Element>) -> Content,
    _ read: ClassReader<Element>
  ) throws(DatasetError) -> SequenceSplits? {
    var warnings: [DatasetWarning] = []
    guard let training = folders.first(where: { $0.name == "train" }) else {
      guard let only = try read(folders, "", &warnings) else { return nil }
      var splits = SequenceSplits(training: content(only))
      splits.warnings = warnings
      return splits
    }
    func split(_ folder: ImageFolder.Entry) throws(DatasetError) -> LabeledExamples<Element>? {
      try read(ImageFolder().entries(of: folder.path).filter(\.isFolder), folder.path, &warnings)
    }
    guard let examples = try split(training) else { return nil }
    var splits = SequenceSplits(training: content(examples))
    if let folder = folders.first(where: { ["val", "valid", "validation"].contains($0.name) }) {
      splits.validation = try split(folder).map { (part) throws(DatasetError) in
        content(try part.relabeled(as: examples.classNames, path: folder.path))
      }
    }
    if let folder = folders.first(where: { $0.name == "test" }) {
      splits.test = try split(folder).map { (part) throws(DatasetError) in
        content(try part.relabeled(as: examples.classNames, path: folder.path))
      }
    }
    splits.warnings = warnings
    return splits
  }

  /// The clips in the folders of classes; nil where a class holds anything but folders of numbered images and
  /// animations, or most of these hold a single image.
  private static func clips(
    _ folders: [ImageFolder.Entry]
  ) throws(DatasetError) -> LabeledExamples<Clip>? {
    var (classNames, labels, names, clips): ([String], [Int], [String], [Clip]) = ([], [], [], [])
    for folder in ImageFolder.sorted(folders, by: \.name) {
      for entry in try ImageFolder().entries(of: folder.path) {
        let clip = entry.isFolder ? Clip(folder: entry.path) : Clip(animation: entry.path)
        guard let clip else { return nil }
        clips.append(clip)
        names.append(entry.path)
        labels.append(classNames.count)
      }
      if labels.last == classNames.count { classNames.append(folder.name) }
    }
    guard 2 * clips.count(where: { $0.frameCount > 1 }) > clips.count else { return nil }
    return LabeledExamples(classNames: classNames, labels: labels, names: names, elements: clips)
  }

  /// The texts in the folders of classes; nil where none holds any.
  private static func classes(
    _ folders: [ImageFolder.Entry], _ path: String, _ warnings: inout [DatasetWarning]
  ) throws(DatasetError) -> LabeledExamples<String>? {
    let scan = ImageFolder()
    var (classNames, labels, names, texts): ([String], [Int], [String], [String]) = ([], [], [], [])
    let sorted = ImageFolder.sorted(folders, by: \.name)
    let entries = try sorted.map { (folder) throws(DatasetError) in
      try scan.entries(of: folder.path)
    }
    func isText(_ entry: ImageFolder.Entry) -> Bool {
      !entry.isFolder && entry.name.lowercased().hasSuffix(".txt")
    }
    // Notes among images make no texts of them, nor do those above folders of images.
    guard 2 * entries.joined().count(where: isText) > entries.joined().count else { return nil }
    for (folder, entries) in zip(sorted, entries) {
      let files = entries.filter(isText)
      let before = texts.count
      for file in files {
        do throws(UnreadableExample) {
          texts.append(try TextFile.read(file.path))
          names.append(file.path)
          labels.append(classNames.count)
        } catch { warnings.append(.unreadableImage(path: file.path, reason: error.reason)) }
      }
      if texts.count > before { classNames.append(folder.name) }
    }
    guard !texts.isEmpty else { return nil }
    return LabeledExamples(
      classNames: classNames, labels: labels, names: names, elements: texts)
  }
}
