import Images
import Tensors

/// Images and the class of each, or the labels that hold of each.
public struct Dataset: Sendable {
  /// Where the images are.
  public enum Source: Sendable {
    /// In files, decoded whenever they are needed.
    case files([String])
    /// In memory, 8 bits without alpha.
    case memory([Image])
  }

  /// The classes in the order of the network's outputs; one, without a name, where there are none.
  public var classNames: [String]
  /// What is said of each image, as indices of `classNames`.
  public private(set) var annotation: Annotation
  public private(set) var source: Source
  /// The name of each image: its path, or its file and number.
  public private(set) var names: [String]

  /// - Precondition: labels, names and images are as many, and each label names a class.
  public init(classNames: [String], labels: [Int], names: [String], source: Source) {
    self.init(
      classNames: classNames, annotation: .classes(labels), names: names, source: source)
  }

  /// - Precondition: annotation, names and images are as many, and what is said of each is among the
  ///   names of classes.
  public init(
    classNames: [String], annotation: Annotation, names: [String], source: Source
  ) {
    let count =
      switch source {
      case .files(let paths): paths.count
      case .memory(let images): images.count
      }
    precondition(annotation.count == count && names.count == count, "a label and a name each")
    precondition(annotation.isValid(nameCount: classNames.count), "labels name classes")
    self.classNames = classNames
    self.annotation = annotation
    self.names = names
    self.source = source
  }

  /// How many images there are.
  public var count: Int { annotation.count }

  /// Whether labels hold or not, each on its own.
  public var isMultiLabel: Bool { if case .labelSets = annotation { true } else { false } }

  /// The class of each image, an index of `classNames`; of labels that hold each on its own the first that
  /// does, or 0.
  public var labels: [Int] {
    switch annotation {
    case .classes(let classes): classes
    case .labelSets(let sets): sets.map { $0.first ?? 0 }
    }
  }

  /// How many images each class has, or each label.
  public var classCounts: [Int] { annotation.counts(of: classNames.count) }

  /// Some of the images, in the order of `indices`.
  public subscript(indices: [Int]) -> Dataset {
    let chosen: Source =
      switch source {
      case .files(let paths): .files(indices.map { paths[$0] })
      case .memory(let images): .memory(indices.map { images[$0] })
      }
    return Dataset(
      classNames: classNames, annotation: annotation[indices],
      names: indices.map { names[$0] }, source: chosen)
  }

  /// One image as it is stored.
  public func image(at index: Int) throws(ImageError) -> Image {
    switch source {
    case .files(let paths): try Image(path: paths[index])
    case .memory(let images): images[index]
    }
  }

  /// Sets apart a share of each class for validation, or of all images where several labels may hold.
  ///
  /// The images set apart lie evenly among those of their class: every tenth with a share of 0.1. With
  /// a seed each class is shuffled first. A class of two or more gives at least one image and keeps at
  /// least one.
  ///
  /// - Parameter share: 0 up to 1, both excluded.
  public func split(
    validation share: Double = 0.1, seed: UInt64? = nil
  ) throws(DatasetError) -> (training: Dataset, validation: Dataset) {
    guard share > 0, share < 1 else {
      throw .invalidSplit("a validation share of \(share); it must lie between 0 and 1")
    }
    let isHeldOut =
      switch annotation {
      case .classes(let classes):
        StratifiedSplit.heldOut(classes, classCount: classNames.count, share: share, seed: seed)
      case .labelSets(let sets):
        StratifiedSplit.heldOut(sets.map { _ in 0 }, classCount: 1, share: share, seed: seed)
      }
    let validation = isHeldOut.indices.filter { isHeldOut[$0] }
    guard !validation.isEmpty else {
      throw .invalidSplit(
        isMultiLabel
          ? "a single image cannot be set apart for validation"
          : "no class has two images, so none can be set apart for validation")
    }
    return (self[isHeldOut.indices.filter { !isHeldOut[$0] }], self[validation])
  }
}
