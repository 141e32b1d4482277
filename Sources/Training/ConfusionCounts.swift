/// How often each class was taken for each class, over images or over their pixels.
public struct ConfusionCounts: Sendable, Hashable, Codable {
  /// Number of classes.
  public let classCount: Int
  /// Row-major: the row is the true class, the column the predicted one.
  public private(set) var counts: [Int]

  public init(classCount: Int) {
    self.classCount = classCount
    counts = Array(repeating: 0, count: classCount * classCount)
  }

  /// How many images of `label` were predicted to be `prediction`.
  public subscript(label label: Int, prediction prediction: Int) -> Int {
    counts[label * classCount + prediction]
  }

  /// Counts one more image of `label` that was predicted to be `prediction`.
  public mutating func record(label: Int, prediction: Int) {
    counts[label * classCount + prediction] += 1
  }

  /// Counts so many more of `label` that were predicted to be `prediction`.
  public mutating func record(label: Int, prediction: Int, count: Int) {
    counts[label * classCount + prediction] += count
  }

  /// Adds what was counted elsewhere.
  ///
  /// - Precondition: of as many classes.
  public mutating func add(_ other: ConfusionCounts) {
    precondition(classCount == other.classCount, "counts of the same classes")
    for place in counts.indices { counts[place] += other.counts[place] }
  }

  /// All images counted.
  public var total: Int { counts.reduce(0, +) }
  /// Images predicted right.
  public var correct: Int { (0..<classCount).reduce(0) { $0 + self[label: $1, prediction: $1] } }
  /// Share of the images that were predicted right, 0…1; 0 when nothing was counted.
  public var accuracy: Double { ratio(correct, total) ?? 0 }

  /// The mean recall of the classes that there are, 0…1: accuracy as if all had as many images; 0 when
  /// nothing was counted.
  public var balancedAccuracy: Double {
    let recalls = (0..<classCount).compactMap(recall)
    return recalls.isEmpty ? 0 : recalls.reduce(0, +) / Double(recalls.count)
  }

  /// Images of a class.
  public func support(of label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[label: label, prediction: $1] }
  }

  /// Of the images predicted to be `label`, the share that is; nil when none was predicted.
  public func precision(of label: Int) -> Double? {
    let predicted = (0..<classCount).reduce(0) { $0 + self[label: $1, prediction: label] }
    return ratio(self[label: label, prediction: label], predicted)
  }

  /// Of the images of `label`, the share predicted so; nil when there is none.
  public func recall(of label: Int) -> Double? {
    ratio(self[label: label, prediction: label], support(of: label))
  }

  /// The harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`; nil when the class was
  /// neither there nor predicted.
  public func f1(of label: Int) -> Double? {
    let predicted = (0..<classCount).reduce(0) { $0 + self[label: $1, prediction: label] }
    return ratio(2 * self[label: label, prediction: label], predicted + support(of: label))
  }

  /// Intersection over union (Jaccard's index), `TP / (TP + FP + FN)`; nil when the class was neither there nor
  /// predicted.
  public func iou(of label: Int) -> Double? {
    let predicted = (0..<classCount).reduce(0) { $0 + self[label: $1, prediction: label] }
    let right = self[label: label, prediction: label]
    return ratio(right, predicted + support(of: label) - right)
  }

  /// The mean of ``iou(of:)`` over the classes that were there or predicted; 0 when nothing was counted.
  public var meanIoU: Double {
    let values = (0..<classCount).compactMap(iou)
    return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// The counts as rows, one for each true class.
  public var rows: [[Int]] {
    (0..<classCount).map { Array(counts[($0 * classCount)..<(($0 + 1) * classCount)]) }
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}
