/// What data say of their examples, as places in a list of names.
public enum Annotation: Sendable, Equatable {
  /// The class of each example, of mutually exclusive classes.
  case classes([Int])
  /// The labels that hold of each example, each on its own: none or several, in ascending order.
  case labelSets([[Int]])

  /// How many examples are annotated.
  public var count: Int {
    switch self {
    case .classes(let classes): classes.count
    case .labelSets(let sets): sets.count
    }
  }

  /// What is said of some of the examples, in the order of `indices`.
  public subscript(indices: [Int]) -> Annotation {
    switch self {
    case .classes(let classes): .classes(indices.map { classes[$0] })
    case .labelSets(let sets): .labelSets(indices.map { sets[$0] })
    }
  }

  /// How many examples each of so many names holds of.
  public func counts(of nameCount: Int) -> [Int] {
    var counts = Array(repeating: 0, count: nameCount)
    switch self {
    case .classes(let classes): for name in classes { counts[name] += 1 }
    case .labelSets(let sets): for set in sets { for name in set { counts[name] += 1 } }
    }
    return counts
  }

  /// Adds a share to the targets, one for each name, of the names that hold of an example: to zeros a share
  /// of 1 gives what it is to be, and shares of several examples what their mixture is to be.
  package func addTargets(
    of index: Int, share: Float = 1, to targets: UnsafeMutableBufferPointer<Float>
  ) {
    switch self {
    case .classes(let classes): targets[classes[index]] += share
    case .labelSets(let sets): for name in sets[index] { targets[name] += share }
    }
  }

  /// The same for another list of names.
  ///
  /// - Parameter places: where each name is in the other list. A label whose place is nil is left out.
  /// - Precondition: of classes every place is known.
  func moved(to places: [Int?]) -> Annotation {
    switch self {
    case .classes(let classes):
      return .classes(
        classes.map { name in
          guard let place = places[name] else { preconditionFailure("every class has a place") }
          return place
        })
    case .labelSets(let sets):
      return .labelSets(sets.map { set in Set(set.compactMap { places[$0] }).sorted() })
    }
  }

  /// Whether it names nothing beyond a list of so many names.
  func isValid(nameCount: Int) -> Bool {
    switch self {
    case .classes(let classes): classes.allSatisfy { (0..<nameCount).contains($0) }
    case .labelSets(let sets):
      sets.allSatisfy { set in
        set.allSatisfy { (0..<nameCount).contains($0) } && zip(set, set.dropFirst()).allSatisfy(<)
      }
    }
  }
}
