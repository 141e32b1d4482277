import Datasets
import Images
import ModelFiles
import Training

/// Labeled images as they were found, before it is decided what a network gets of them.
public struct TrainingData: Sendable {
  /// What kind of images they are, by which a recipe is chosen.
  public enum Kind: String, Sendable {
    /// Gray and at most 48 pixels wide: digits, letters, drawings of clothes.
    case smallGrayscale
    /// In color and at most 48 pixels wide.
    case smallColor
    /// Anything larger.
    case photos
  }

  /// Where they lie, as it was given.
  let path: String
  /// Where the data lies, and what is in it.
  let identities: [DataIdentity]
  /// The images to learn from, and to split validation from where there is no part for it.
  public let training: Dataset
  /// A part that is only measured by.
  public let validation: Dataset?
  /// What the data itself calls the classes, where they were given other names.
  public let originalClassNames: [String]?
  /// What is odd about the data.
  public let warnings: [DatasetWarning]
  public let kind: Kind
  /// The width that most images of a sample have at most.
  public let typicalWidth: Int
  /// The shorter side that four fifths of a sample of the images have at least.
  public let commonSide: Int
  /// 1 where all images of a sample are gray, else 3.
  public let channels: Int

  /// Looks through folders or data files.
  ///
  /// - Parameters:
  ///   - path: a folder of folders, of IDX files or of CIFAR batches, or a list.
  ///   - validationPath: the like, for validation; nil takes the part that `path` may have.
  ///   - requiresSplit: whether validation is to be split off, so that a part for it is refused.
  ///   - classNames: what the classes are called, in their order; nil takes the data's own names.
  ///   - isMultiLabel: whether labels hold or not, each on its own, so that the data is a list.
  /// - Throws: ``TrainingError/data(_:)`` where nothing can be learnt from it.
  public init(
    path: String, validationPath: String? = nil, requiresSplit: Bool = false,
    classNames: [String]? = nil, isMultiLabel: Bool = false
  ) throws(TrainingError) {
    self.path = path
    do {
      var parts = try DatasetSplits(path: path, isMultiLabel: isMultiLabel)
      if requiresSplit, parts.validation != nil {
        throw TrainingError.setting(
          "validationFraction", "cannot be set: the data has a validation part of its own")
      }
      originalClassNames = classNames.map { _ in parts.training.classNames }
      if let classNames { try parts.name(classNames) }
      training = parts.training
      var warnings = parts.warnings
      if let validationPath {
        let other = try DatasetSplits(
          path: validationPath, fewestClasses: 1, isMultiLabel: isMultiLabel)
        warnings += other.warnings.filter { !$0.isTrainingOnly }
        // A test split is for tests alone.
        let matched = try (other.validation ?? other.training).matched(
          to: training.classNames, path: validationPath)
        validation = matched.dataset
        warnings += matched.warnings
      } else {
        validation = parts.validation
      }
      self.warnings = warnings
      let validationNames = validation?.names ?? []
      identities =
        [DataIdentity(path: path, names: training.names)]
        + (validationPath.map { [DataIdentity(path: $0, names: validationNames)] } ?? [])
    } catch let error as DatasetError {
      throw .data("\(error)", damaged: error.damaged)
    } catch { throw TrainingError(wrapping: error) }
    let sample = Self.sample(of: training)
    channels = sample.allSatisfy { $0.colorChannels == 1 } ? 1 : 3
    let widths = sample.map(\.width).sorted()
    typicalWidth = widths.isEmpty ? 1 : widths[widths.count / 2]
    let sides = sample.map { min($0.width, $0.height) }.sorted()
    commonSide = sides.isEmpty ? 1 : sides[sides.count / 5]
    let isSmall = typicalWidth <= 48
    kind = isSmall ? (channels == 1 ? .smallGrayscale : .smallColor) : .photos
  }

  /// About how many images are learned from, where such a fraction is split off.
  func trainingCount(validationFraction fraction: Double) -> Int {
    validation == nil ? Int(Double(training.count) * (1 - fraction)) : training.count
  }

  /// Layouts of some images at equal distances.
  private static func sample(of dataset: Dataset) -> [PixelLayout] {
    stride(from: 0, to: dataset.count, by: max(1, dataset.count / 100)).compactMap { index in
      switch dataset.source {
      case .memory(let images): images[index].layout
      case .files(let paths): try? ImageReader(path: paths[index]).layout
      }
    }
  }

  /// Decodes and resizes the images into memory where a quarter of it holds them, else leaves them in
  /// their files, and splits validation off.
  ///
  /// - Parameters:
  ///   - fraction: of each class for validation; 0 for none. Not looked at where there is a part for it.
  ///   - progress: is told of images decoded, from several threads.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where too few can be read.
  public func prepared(
    for form: Preprocessing, recipe: Recipe, validationFraction fraction: Double,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) -> TrainingSplit {
    // Random parts are cut from images a little larger than the input.
    let size: StoredSize = recipe.augmentation.contains(.crop) ? .resizedToCover(1.25) : .exact
    let needed = training.estimatedBytes(for: form, size: size)
    var damaged: [DatasetWarning] = []
    var (training, validation) = (training, validation)
    // Before images are made smaller, so that those to measure by are preprocessed as in use.
    if validation == nil, fraction > 0 {
      do throws(DatasetError) {
        let split = try training.split(validation: fraction)
        (training, validation) = (split.training, split.validation)
      } catch { throw .data("\(error)") }
    }
    if needed <= Dataset.memoryBudget {
      (training, damaged) = training.inMemory(for: form, size: size, progress: progress)
      if let part = validation {
        let (decoded, more) = part.inMemory(for: form, progress: progress)
        validation = decoded
        damaged = inOrder(damaged + more)
      }
    }
    guard training.count > 0 else {
      throw .noneReadable(path: path, count: self.training.count, damaged: damaged)
    }
    guard training.tellsApart else {
      throw .data(
        training.isMultiLabel
          ? "all readable images have the same labels"
          : "fewer than two classes have readable images",
        damaged: damaged)
    }
    if let part = validation, part.count == 0 { validation = nil }
    return TrainingSplit(training: training, validation: validation, damaged: damaged)
  }
}

extension TrainingData {
  /// Damaged images in the data's order, whichever part they are in; those of other data last.
  private func inOrder(_ damaged: [DatasetWarning]) -> [DatasetWarning] {
    guard damaged.count > 1 else { return damaged }
    let places = Dictionary(
      zip(training.names, training.names.indices), uniquingKeysWith: { first, _ in first })
    func place(_ warning: DatasetWarning) -> Int {
      if case .unreadableImage(let path, _) = warning { places[path] ?? .max } else { .max }
    }
    let order = damaged.indices.sorted {
      (place(damaged[$0]), $0) < (place(damaged[$1]), $1)
    }
    return order.map { damaged[$0] }
  }
}

/// Images ready to be loaded in batches: to learn from, and to measure by.
public struct TrainingSplit: Sendable {
  public let training: Dataset
  /// nil where nothing is measured.
  public let validation: Dataset?
  /// Images that are left out.
  public let damaged: [DatasetWarning]

  public init(training: Dataset, validation: Dataset?, damaged: [DatasetWarning] = []) {
    self.training = training
    self.validation = validation
    self.damaged = damaged
  }
}

extension DatasetSplits {
  /// Gives the classes other names, in their order.
  fileprivate mutating func name(_ classNames: [String]) throws(TrainingError) {
    guard classNames.count == training.classNames.count else {
      throw .setting(
        "classNames", "has \(classNames.count) names for \(training.classNames.count) classes")
    }
    if let twice = Dictionary(grouping: classNames, by: \.self).first(where: { $1.count > 1 }) {
      throw .setting("classNames", "has \(twice.key) \(twice.value.count) times; give each once")
    }
    training.classNames = classNames
    validation?.classNames = classNames
    test?.classNames = classNames
  }
}

extension Dataset {
  /// Whether the images say of more than one class what it looks like, or of some label both that it holds
  /// and that it doesn't.
  fileprivate var tellsApart: Bool {
    isMultiLabel
      ? classCounts.contains { $0 > 0 && $0 < count } : classCounts.count { $0 > 0 } > 1
  }

  /// The same images with the classes of a model: matched by name, by WordNet id, by the number of the
  /// output, or in their order where the data has only numbers for its classes (IDX files, CIFAR batches
  /// without their list of names, folders 1, 2, 10).
  ///
  /// - Returns: the images, and what of their labels is left out.
  /// - Throws: where a class is not among the model's, or no label is.
  public func matched(
    to classNames: [String], path: String
  ) throws(DatasetError) -> (dataset: Dataset, warnings: [DatasetWarning]) {
    let areIndices = self.classNames == self.classNames.indices.map(String.init)
    // Folders 1, 2 and 10 of a model whose classes were named in their order.
    let areNumbered =
      self.classNames.count == classNames.count
      && self.classNames.allSatisfy { Int($0) != nil && !classNames.contains($0) }
    guard areIndices || areNumbered, self.classNames.count <= classNames.count else {
      var named = self
      named.classNames = ClassNameMatch.names(self.classNames, among: classNames)
      guard isMultiLabel else {
        return (try named.relabeled(as: classNames, path: path), [])
      }
      let (dataset, unknown) = try named.relabeled(among: classNames, path: path)
      return (dataset, unknown.isEmpty ? [] : [.unknownLabels(path: path, names: unknown)])
    }
    var matched = self
    matched.classNames = classNames
    return (matched, [])
  }
}
