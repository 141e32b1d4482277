/// Things of some kind and the class of each, in memory.
public struct LabeledExamples<Element: Sendable>: Sendable {
  /// The classes in the order of a network's outputs.
  public private(set) var classNames: [String]
  /// The class of each, an index of ``classNames``.
  public private(set) var labels: [Int]
  /// What each is called: its path, or its file and number.
  public let names: [String]
  public let elements: [Element]

  /// - Precondition: labels, names and elements are as many, and each label names a class.
  public init(classNames: [String], labels: [Int], names: [String], elements: [Element]) {
    precondition(labels.count == elements.count && names.count == elements.count)
    precondition(labels.allSatisfy(classNames.indices.contains))
    self.classNames = classNames
    self.labels = labels
    self.names = names
    self.elements = elements
  }

  public var count: Int { elements.count }

  /// How many examples each class has.
  public var classCounts: [Int] {
    labels.reduce(into: Array(repeating: 0, count: classNames.count)) { $0[$1] += 1 }
  }

  /// Some of the examples, in the order of `indices`.
  public subscript(indices: [Int]) -> LabeledExamples {
    LabeledExamples(
      classNames: classNames, labels: indices.map { labels[$0] }, names: indices.map { names[$0] },
      elements: indices.map { elements[$0] })
  }

  /// The same examples made into something else.
  public func map<Other: Sendable>(_ transform: (Element) -> Other) -> LabeledExamples<Other> {
    LabeledExamples<Other>(
      classNames: classNames, labels: labels, names: names, elements: elements.map(transform))
  }

  /// Sets apart a share of each class for validation, evenly among its examples.
  ///
  /// - Parameter share: 0 up to 1, both excluded.
  public func split(
    validation share: Double
  ) -> (training: LabeledExamples, validation: LabeledExamples) {
    let isHeldOut = StratifiedSplit.heldOut(labels, classCount: classNames.count, share: share)
    return (
      self[isHeldOut.indices.filter { !isHeldOut[$0] }],
      self[isHeldOut.indices.filter { isHeldOut[$0] }]
    )
  }

  /// The same with the labels of other class names, such as a model's.
  ///
  /// - Throws: where a class is not among them.
  public func relabeled(
    as classNames: [String], path: String
  ) throws(DatasetError) -> LabeledExamples {
    let places = try DatasetError.places(of: self.classNames, among: classNames, path: path)
    var copy = self
    copy.classNames = classNames
    copy.labels = labels.map { places[$0] }
    return copy
  }
}
