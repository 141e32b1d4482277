import Datasets
import Images
import ModelFiles

/// Labelled pictures as they were found, before it is decided what a network gets of them.
public struct TrainingPictures: Sendable {
  /// What kind of pictures they are, by which a recipe is chosen.
  public enum Kind: String, Sendable {
    /// Grey and at most 48 pixels wide: digits, letters, drawings of clothes.
    case smallGrey
    /// In colour and at most 48 pixels wide.
    case smallColour
    /// Anything larger.
    case photos
  }

  /// Where they lie, as it was given.
  let path: String
  /// The pictures to train on, and to split validation from where there is no part for it.
  public let training: Dataset
  /// A part that is only measured by.
  public let validation: Dataset?
  /// What is odd about the data.
  public let warnings: [DatasetWarning]
  public let kind: Kind
  /// The width that most pictures of a sample have at most.
  public let typicalWidth: Int
  /// 1 where all pictures of a sample are grey, else 3.
  public let channels: Int

  /// Looks through folders or data files.
  ///
  /// - Parameters:
  ///   - path: a folder of folders, of IDX files or of CIFAR batches.
  ///   - validationPath: the like, for validation; nil takes the part that `path` may have.
  ///   - classNames: what the classes are called, in their order; nil takes the data's own names.
  /// - Throws: ``TrainingError/data(_:)`` where nothing can be learnt from it.
  public init(
    path: String, validationPath: String? = nil, classNames: [String]? = nil
  ) throws(TrainingError) {
    self.path = path
    do {
      var parts = try DatasetParts(path: path)
      if let classNames { try parts.name(classNames) }
      training = parts.training
      var warnings = parts.warnings
      if let validationPath {
        let other = try DatasetParts(path: validationPath)
        warnings += other.warnings
        validation = try (other.validation ?? other.training).matched(
          to: training.classNames, path: validationPath)
      } else {
        validation = parts.validation
      }
      self.warnings = warnings
    } catch let error as DatasetError {
      throw .data("\(error)", damaged: error.damaged)
    } catch { throw TrainingError(wrapping: error) }
    let sample = Self.sample(of: training)
    channels = sample.allSatisfy { $0.colorChannels == 1 } ? 1 : 3
    let widths = sample.map(\.width).sorted()
    typicalWidth = widths.isEmpty ? 1 : widths[widths.count / 2]
    let isSmall = typicalWidth <= 48
    kind = isSmall ? (channels == 1 ? .smallGrey : .smallColour) : .photos
  }

  /// About how many pictures are trained on, where so large a share is split off.
  func trainingCount(validationShare share: Double) -> Int {
    validation == nil ? Int(Double(training.count) * (1 - share)) : training.count
  }

  /// Layouts of some pictures at equal distances.
  private static func sample(of dataset: Dataset) -> [PixelLayout] {
    stride(from: 0, to: dataset.count, by: max(1, dataset.count / 100)).compactMap { index in
      switch dataset.source {
      case .memory(let images): images[index].layout
      case .files(let paths): try? ImageReader(path: paths[index]).layout
      }
    }
  }

  /// Decodes and resizes the pictures into memory where a quarter of it holds them, else leaves them in
  /// their files, and splits validation off.
  ///
  /// - Parameters:
  ///   - share: of each class for validation; 0 for none. Not looked at where there is a part for it.
  ///   - progress: is told of pictures decoded, from several threads.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where too few can be read.
  public func prepared(
    for form: Preprocessing, recipe: Recipe, validationShare share: Double,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) -> PreparedPictures {
    // Random parts are cut from pictures a little larger than the input.
    let size: StoredSize = recipe.augmentation.contains(.crop) ? .covering(1.25) : .exact
    let needed = training.memoryNeeded(for: form, size: size)
    var damaged: [DatasetWarning] = []
    var (training, validation) = (training, validation)
    if needed <= Dataset.memoryBudget {
      (training, damaged) = training.inMemory(for: form, size: size, progress: progress)
      if let part = validation {
        let (decoded, more) = part.inMemory(for: form, progress: progress)
        validation = decoded
        damaged += more
      }
    }
    guard training.count > 0 else {
      throw .noneReadable(path: path, count: self.training.count, damaged: damaged)
    }
    if validation == nil, share > 0 {
      do throws(DatasetError) {
        let split = try training.split(validation: share)
        (training, validation) = (split.training, split.validation)
      } catch { throw .data("\(error)", damaged: damaged) }
    }
    guard training.classCounts.filter({ $0 > 0 }).count > 1 else {
      throw .data("fewer than two classes have a picture that can be read", damaged: damaged)
    }
    if let part = validation, part.count == 0 { validation = nil }
    return PreparedPictures(training: training, validation: validation, damaged: damaged)
  }
}

/// Pictures ready to be loaded in batches.
public struct PreparedPictures: Sendable {
  public let training: Dataset
  /// nil where nothing is measured.
  public let validation: Dataset?
  /// Pictures that are left out.
  public let damaged: [DatasetWarning]

  public init(training: Dataset, validation: Dataset?, damaged: [DatasetWarning] = []) {
    self.training = training
    self.validation = validation
    self.damaged = damaged
  }
}

extension DatasetParts {
  /// Gives the classes other names, in their order.
  fileprivate mutating func name(_ classNames: [String]) throws(TrainingError) {
    guard classNames.count == training.classNames.count else {
      throw .options(
        "--class-names: \(classNames.count) names for \(training.classNames.count) classes")
    }
    training.classNames = classNames
    validation?.classNames = classNames
  }
}

extension Dataset {
  /// The same pictures with the classes of a model: matched by name, or by number where the data has
  /// only numbers for its classes (IDX files, CIFAR batches without their list of names).
  ///
  /// - Throws: where a class is not among the model's.
  public func matched(to classNames: [String], path: String) throws(DatasetError) -> Dataset {
    let areNumbers = self.classNames == self.classNames.indices.map(String.init)
    guard areNumbers, self.classNames.count <= classNames.count else {
      return try relabelled(as: classNames, path: path)
    }
    var matched = self
    matched.classNames = classNames
    return matched
  }
}
