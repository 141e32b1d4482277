import Files
import Glibc

/// Texts or series as they lie on disk: their splits, and what was odd about them.
public struct SequenceSplits: Sendable {
  /// What there is.
  public enum Content: Sendable {
    case texts(LabeledExamples<String>)
    case series(LabeledExamples<FeatureSequence>)
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

  /// Reads a folder of folders of texts (`<class>/*.txt`), a folder of `…_TRAIN.ts` and `…_TEST.ts`, one `.ts` file,
  /// or a table with a column of classes (CSV, TSV).
  ///
  /// - Parameters:
  ///   - text: the table's column of texts; nil for one of the usual names.
  ///   - label: the table's column of classes; nil for one of the usual names.
  /// - Returns: nil where the data are neither texts nor series.
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
    guard let splits = try Self.texts(entries.filter(\.isFolder), path) else { return nil }
    self = splits
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

  // MARK: - Texts

  private static func texts(
    _ folders: [ImageFolder.Entry], _ path: String
  ) throws(DatasetError) -> SequenceSplits? {
    guard let training = folders.first(where: { $0.name == "train" }) else {
      var warnings: [DatasetWarning] = []
      guard let texts = try classes(folders, path, &warnings) else { return nil }
      var splits = SequenceSplits(training: .texts(texts))
      splits.warnings = warnings
      return splits
    }
    var warnings: [DatasetWarning] = []
    func split(_ folder: ImageFolder.Entry) throws(DatasetError) -> LabeledExamples<String>? {
      try classes(
        ImageFolder().entries(of: folder.path).filter(\.isFolder), folder.path, &warnings)
    }
    guard let texts = try split(training) else { return nil }
    var splits = SequenceSplits(training: .texts(texts))
    if let folder = folders.first(where: { ["val", "valid", "validation"].contains($0.name) }) {
      splits.validation = try split(folder).map { (part) throws(DatasetError) in
        .texts(try part.relabeled(as: texts.classNames, path: folder.path))
      }
    }
    if let folder = folders.first(where: { $0.name == "test" }) {
      splits.test = try split(folder).map { (part) throws(DatasetError) in
        .texts(try part.relabeled(as: texts.classNames, path: folder.path))
      }
    }
    splits.warnings = warnings
    return splits
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

/// A text in a file.
public enum TextFile {
  /// - Throws: where it cannot be read, is not UTF-8, or is empty.
  public static func read(_ path: String) throws(UnreadableExample) -> String {
    let bytes: [UInt8]
    do throws(DatasetError) { bytes = try DataFile.contents(path) } catch {
      if case .system(_, let code) = error { throw UnreadableExample(errorText(code)) }
      throw UnreadableExample("cannot be read")
    }
    return try text(bytes)
  }

  /// The paths of all `.txt` files in a directory, at any depth, sorted; nil of what is no directory.
  public static func paths(in path: String) -> [String]? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return paths(in: path, depth: 0)
  }

  /// Links may lead in a circle: no one lays texts deeper.
  private static func paths(in path: String, depth: Int) -> [String] {
    guard depth < 32, let entries = try? ImageFolder().entries(of: path) else { return [] }
    return entries.flatMap { entry in
      entry.isFolder
        ? paths(in: entry.path, depth: depth + 1)
        : entry.name.lowercased().hasSuffix(".txt") ? [entry.path] : []
    }
  }

  /// The text that some bytes are.
  public static func text(_ bytes: [UInt8]) throws(UnreadableExample) -> String {
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw UnreadableExample("is not a text in UTF-8")
    }
    guard text.contains(where: { !$0.isWhitespace }) else { throw UnreadableExample("is empty") }
    return text
  }
}
