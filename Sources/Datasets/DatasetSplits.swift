/// A dataset as it lies on disk: its splits, and what was odd about it.
public struct DatasetSplits: Sendable {
  /// What to learn from; where there is a single split, this is it.
  public var training: Dataset
  /// What its makers set apart to validate by: a folder `val`, `valid` or `validation` beside `train`.
  public var validation: Dataset?
  /// What its makers set apart to test by, and nothing else: `t10k-*` of the MNIST family,
  /// `test_batch.bin` of CIFAR, a folder `test` beside `train`.
  public var test: Dataset?
  public var warnings: [DatasetWarning]

  /// What a model is evaluated on: the test split, else the validation split, else everything.
  public var evaluation: Dataset { test ?? validation ?? training }

  /// Reads a folder of folders, of IDX files (`*-images*`, `*-labels*`, plain or gzip) or of CIFAR
  /// binary batches, told by what lies in it, or a list of files (CSV). Images in folders stay in their
  /// files.
  ///
  /// IDX files take class names from `labels.txt` beside them, one a line, where there is one.
  ///
  /// - Parameters:
  ///   - fewestClasses: a classifier needs two to learn; to measure one is enough.
  ///   - isMultiLabel: whether labels hold or not, each on its own, so that only a list can tell them.
  /// - Throws: ``DatasetError`` where nothing can be learned from it: an empty folder, a single class, a
  ///   damaged data file.
  public init(
    path: String, fewestClasses: Int = 2, isMultiLabel: Bool = false
  ) throws(DatasetError) {
    if isMultiLabel {
      let (dataset, warnings) = try LabelSetList.dataset(path: path, isLearned: fewestClasses > 1)
      self.init(training: dataset, warnings: warnings)
      return
    }
    if ImageList.isFile(path) {
      let (dataset, warnings) = try ImageList.labeled(path: path)
      self.init(training: dataset, warnings: warnings)
    } else {
      let entries = try ImageFolder().entries(of: path)
      let files = entries.filter { !$0.isFolder && !$0.isBroken }
      if let splits = try Self.idx(files) {
        self = splits
      } else if let splits = try Self.cifar(files) {
        self = splits
      } else {
        self = try Self.folders(path, entries.filter(\.isFolder))
      }
    }
    if training.classCounts.count(where: { $0 > 0 }) < fewestClasses {
      throw .oneClass(
        path: path, name: training.classNames[training.labels[0]],
        damaged: warnings.filter(\.isFailure))
    }
  }

  /// Whether data is a list of files rather than a folder.
  package static func isList(_ path: String) -> Bool { ImageList.isFile(path) }

  /// All images in a folder, at any depth, without classes.
  public static func unlabeled(
    path: String
  ) throws(DatasetError) -> (dataset: Dataset, warnings: [DatasetWarning]) {
    try ImageFolder.unlabeled(path: path)
  }

  private init(
    training: Dataset, validation: Dataset? = nil, test: Dataset? = nil,
    warnings: [DatasetWarning] = []
  ) {
    self.training = training
    self.validation = validation
    self.test = test
    self.warnings = warnings
  }

  private static func idx(_ files: [ImageFolder.Entry]) throws(DatasetError) -> DatasetSplits? {
    var imageFiles: [ImageFolder.Entry] = []
    for file in files where file.name.contains("images") {
      if try IDX.isFile(file.path, axes: 3) { imageFiles.append(file) }
    }
    guard !imageFiles.isEmpty else { return nil }
    var names: [String]?
    if let file = files.first(where: { $0.name == "labels.txt" }) {
      names = try DataFile.lines(file.path)
    }
    var parts: (training: Dataset?, test: Dataset?) = (nil, nil)
    for images in imageFiles {
      let isTest = images.name.hasPrefix("t10k") || images.name.hasPrefix("test")
      // A part may lie there both plain and packed.
      if isTest ? parts.test != nil : parts.training != nil { continue }
      let stem = images.name.prefix { $0 != "-" && $0 != "_" }
      var labels: ImageFolder.Entry?
      for file in files where file.name.hasPrefix(stem) && file.name.contains("labels") {
        if labels == nil, try IDX.isFile(file.path, axes: 1) { labels = file }
      }
      guard let labels else {
        throw .corrupt(path: images.path, "label file missing")
      }
      let part = try IDX.dataset(images: images.path, labels: labels.path, classNames: names)
      if isTest { parts.test = part } else { parts.training = part }
    }
    guard let training = parts.training else {
      return parts.test.map { DatasetSplits(training: $0) }
    }
    guard var test = parts.test else { return DatasetSplits(training: training) }
    guard test.classNames.count <= training.classNames.count else {
      throw .corrupt(
        path: imageFiles[0].path, "the test split has classes that are not in the training split")
    }
    test.classNames = training.classNames
    return DatasetSplits(training: training, test: test)
  }

  private static func cifar(_ files: [ImageFolder.Entry]) throws(DatasetError) -> DatasetSplits? {
    func paths(_ matches: (String) -> Bool) -> [String] {
      files.filter { matches($0.name) }.map(\.path)
    }
    func beside(_ path: String, _ name: String) -> String {
      String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) + name
    }
    let forms = [
      (
        paths { $0.hasPrefix("data_batch") && $0.hasSuffix(".bin") },
        paths { $0 == "test_batch.bin" }, 1, "batches.meta.txt"
      ),
      (paths { $0 == "train.bin" }, paths { $0 == "test.bin" }, 2, "fine_label_names.txt"),
    ]
    for (training, test, labelBytes, names) in forms {
      guard let first = training.first ?? test.first else { continue }
      let namesPath = beside(first, names)
      let parts = [training, test].filter { !$0.isEmpty }
      let dataset = try CIFARBinary.dataset(parts[0], labelBytes: labelBytes, names: namesPath)
      let other =
        parts.count > 1
        ? try CIFARBinary.dataset(parts[1], labelBytes: labelBytes, names: namesPath) : nil
      return DatasetSplits(training: dataset, test: other)
    }
    return nil
  }

  private static func folders(
    _ path: String, _ folders: [ImageFolder.Entry]
  ) throws(DatasetError) -> DatasetSplits {
    let validationNames = ["val", "valid", "validation"]
    guard let training = folders.first(where: { $0.name == "train" }),
      folders.allSatisfy({ (["train", "test"] + validationNames).contains($0.name) })
    else {
      let (dataset, warnings) = try ImageFolder.labeled(path: path)
      return DatasetSplits(training: dataset, warnings: warnings)
    }
    var (dataset, warnings) = try ImageFolder.labeled(path: training.path)
    func split(_ names: [String]) throws(DatasetError) -> Dataset? {
      guard let folder = folders.first(where: { names.contains($0.name) }) else { return nil }
      let (other, otherWarnings) = try ImageFolder.labeled(path: folder.path)
      warnings += otherWarnings
      return try other.relabeled(as: dataset.classNames, path: folder.path)
    }
    let (validation, test) = (try split(validationNames), try split(["test"]))
    return DatasetSplits(
      training: dataset, validation: validation, test: test, warnings: warnings)
  }
}

extension Dataset {
  /// The same images with their labels in the order of other class names, such as a model's.
  ///
  /// - Throws: ``DatasetError/corrupt(path:_:)`` where a class is not among them.
  public func relabeled(
    as classNames: [String], path: String
  ) throws(DatasetError) -> Dataset {
    let places = try DatasetError.places(of: self.classNames, among: classNames, path: path)
    return Dataset(
      classNames: classNames, annotation: annotation.moved(to: places), names: names,
      source: source)
  }

  /// The same images with their labels among other names, such as a model's; labels that are not among
  /// these are left out.
  ///
  /// - Returns: the images, and the names that were left out.
  /// - Throws: ``DatasetError/corrupt(path:_:)`` where none of them is among the others.
  package func relabeled(
    among classNames: [String], path: String
  ) throws(DatasetError) -> (dataset: Dataset, unknown: [String]) {
    let places = self.classNames.map { classNames.firstIndex(of: $0) }
    let unknown = zip(self.classNames, places).filter { $1 == nil }.map(\.0)
    guard places.isEmpty || unknown.count < places.count else {
      throw .corrupt(
        path: path,
        "none of its labels (\(unknown.prefix(20).joined(separator: ", "))) is known; known: "
          + classNames.prefix(20).joined(separator: ", "))
    }
    return (
      Dataset(
        classNames: classNames, annotation: annotation.moved(to: places), names: names,
        source: source), unknown
    )
  }
}
