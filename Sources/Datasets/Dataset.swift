import Images
import Tensors

/// Images and the class of each.
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
  /// The class of each image, an index of `classNames`.
  public private(set) var labels: [Int]
  public private(set) var source: Source
  /// The name of each image: its path, or its file and number.
  public private(set) var names: [String]

  /// - Precondition: labels, names and images are as many, and each label names a class.
  public init(classNames: [String], labels: [Int], names: [String], source: Source) {
    let count =
      switch source {
      case .files(let paths): paths.count
      case .memory(let images): images.count
      }
    precondition(labels.count == count && names.count == count, "a label and a name each")
    precondition(labels.allSatisfy(classNames.indices.contains), "labels name classes")
    self.classNames = classNames
    self.labels = labels
    self.names = names
    self.source = source
  }

  /// How many images there are.
  public var count: Int { labels.count }

  /// How many images each class has.
  public var classCounts: [Int] {
    labels.reduce(into: Array(repeating: 0, count: classNames.count)) { $0[$1] += 1 }
  }

  /// Some of the images, in the order of `indices`.
  public subscript(indices: [Int]) -> Dataset {
    let chosen: Source =
      switch source {
      case .files(let paths): .files(indices.map { paths[$0] })
      case .memory(let images): .memory(indices.map { images[$0] })
      }
    return Dataset(
      classNames: classNames, labels: indices.map { labels[$0] },
      names: indices.map { names[$0] }, source: chosen)
  }

  /// One image as it is stored.
  public func image(at index: Int) throws(ImageError) -> Image {
    switch source {
    case .files(let paths): try Image(path: paths[index])
    case .memory(let images): images[index]
    }
  }

  /// Sets apart a share of each class for validation.
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
    let isHeldOut = StratifiedSplit.heldOut(
      labels, classCount: classNames.count, share: share, seed: seed)
    let validation = isHeldOut.indices.filter { isHeldOut[$0] }
    guard !validation.isEmpty else {
      throw .invalidSplit("no class has two images, so none can be set apart for validation")
    }
    return (self[isHeldOut.indices.filter { !isHeldOut[$0] }], self[validation])
  }
}
