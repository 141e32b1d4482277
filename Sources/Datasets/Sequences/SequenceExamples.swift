import Tensors

/// Sequences and the class of each as examples: the inputs `sequence`, `lengths` and, where wanted, `class`.
///
/// Sequences of similar length share a bucket and are filled up with zeros to its steps: `sequence` is
/// features × steps × the extents of a step, or steps alone where they are numbers of tokens; `lengths` is
/// the number of steps.
public struct SequenceExamples: ExampleSource {
  public let dataset: LabeledExamples<FeatureSequence>
  /// The steps of each bucket, ascending. A longer sequence is cut at its beginning to the last one's.
  public let bucketSteps: [Int]
  /// Whether the sequences are numbers of tokens.
  public let areTokens: Bool
  /// How many classes the input `class` has; nil for none.
  public let classCount: Int?
  /// The buckets that have examples, in their order: what the loader numbers.
  private let used: [Int]
  private let buckets: [Int]

  public static let sequence = "sequence"
  public static let lengths = "lengths"
  public static let label = "class"

  public init(
    _ dataset: LabeledExamples<FeatureSequence>, bucketSteps: [Int], areTokens: Bool,
    classCount: Int? = nil
  ) {
    precondition(!bucketSteps.isEmpty && bucketSteps == bucketSteps.sorted())
    self.dataset = dataset
    self.bucketSteps = bucketSteps
    self.areTokens = areTokens
    self.classCount = classCount
    let own = dataset.elements.map { sequence in
      bucketSteps.firstIndex { $0 >= sequence.steps } ?? bucketSteps.count - 1
    }
    let used = Set(own).sorted()
    self.used = used
    buckets = own.map { used.firstIndex(of: $0) ?? 0 }
  }

  /// Steps for buckets that keep the filling small: those of the shortest quarters, and of the longest.
  ///
  /// - Parameter count: the most buckets.
  public static func bucketSteps(
    for dataset: LabeledExamples<FeatureSequence>, count: Int
  ) -> [Int] {
    let lengths = dataset.elements.map { max($0.steps, 1) }.sorted()
    guard let last = lengths.last, lengths.first != last else { return [lengths.last ?? 1] }
    let steps = (1...count).map { part in
      // To a multiple, so that about the same data give the same plans.
      let quantile = lengths[max(lengths.count * part / count, 1) - 1]
      return part == count ? last : min(last, (quantile + 7) / 8 * 8)
    }
    return Set(steps).sorted()
  }

  /// The steps of the buckets that the loader numbers.
  public var usedSteps: [Int] { used.map { bucketSteps[$0] } }

  public var count: Int { dataset.count }

  public func bucket(of index: Int) -> Int { buckets[index] }

  /// Whether all sequences of a bucket have all its steps.
  public func isFull(bucket: Int) -> Bool {
    let steps = usedSteps[bucket]
    return zip(dataset.elements, buckets).allSatisfy { $1 != bucket || $0.steps >= steps }
  }

  public func slots(bucket: Int) -> [ExampleSlot] {
    let steps = usedSteps[bucket]
    let (features, extent) = (dataset.elements.first?.features ?? 1, dataset.elements.first?.extent)
    return [
      ExampleSlot(
        Self.sequence,
        areTokens ? [steps] : Shape([features, steps] + (extent?.dimensions ?? []))),
      ExampleSlot(Self.lengths, [1]),
    ] + (classCount.map { [ExampleSlot(Self.label, [$0])] } ?? [])
  }

  public func name(of index: Int) -> String { dataset.names[index] }

  public func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    let sequence = dataset.elements[index]
    guard sequence.values.allSatisfy(\.isFinite) else {
      throw UnreadableExample("holds what is not a number")
    }
    let steps = usedSteps[buckets[index]]
    let kept = min(sequence.steps, steps)
    let target = places.floats(Self.sequence)
    let size = sequence.extent.count
    for feature in 0..<sequence.features {
      let end = (feature + 1) * sequence.steps * size
      let start = feature * steps * size
      for place in 0..<kept * size {
        target[start + place] = sequence.values[end - kept * size + place]
      }
    }
    places.floats(Self.lengths)[0] = Float(kept)
    if classCount != nil { places.floats(Self.label)[dataset.labels[index]] = 1 }
  }
}
