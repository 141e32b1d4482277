import Tensors

/// Examples of classes of different sizes, repeated so that each class has as many as the largest.
///
/// Repeated examples are augmented anew each time. (Random oversampling; see Buda et al. 2018, "A
/// Systematic Study of the Class Imbalance Problem in Convolutional Neural Networks", arXiv 1710.05381.)
public struct BalancedExamples: ExampleSource {
  private let source: any ExampleSource
  /// The examples in the order of their classes.
  private let order: [Int]

  /// - Parameter labels: the class of each example, from 0.
  public init(_ source: any ExampleSource, labels: [Int]) {
    precondition(labels.count == source.count, "a label for each example")
    self.source = source
    var members: [[Int]] = Array(repeating: [], count: (labels.max() ?? 0) + 1)
    for (index, label) in labels.enumerated() { members[label].append(index) }
    let largest = members.map(\.count).max() ?? 0
    order = members.filter { !$0.isEmpty }.flatMap { members in
      (0..<largest).map { members[$0 % members.count] }
    }
  }

  public var count: Int { order.count }
  public var isSlow: Bool { source.isSlow }
  public func slots(bucket: Int) -> [ExampleSlot] { source.slots(bucket: bucket) }
  public func bucket(of index: Int) -> Int { source.bucket(of: order[index]) }
  public func name(of index: Int) -> String { source.name(of: order[index]) }

  public func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    try source.write(order[index], into: places, random: random)
  }
}
