/// Labels of a classifier that belong together, such as the breeds of dogs.
public struct LabelGroup: Sendable, Hashable, Codable {
  public var name: String
  public var labels: [String]

  public init(name: String, labels: [String]) {
    self.name = name
    self.labels = labels
  }
}

/// The groups of a classifier's labels, each label in exactly one of them.
public struct LabelGroups: Sendable, Hashable {
  /// Their names.
  public let names: [String]
  /// The group of each label, in the order of the network's outputs.
  public let groupOfLabel: [Int]

  /// - Parameter labels: in the order of the network's outputs.
  /// - Throws: ``ModelFileError/incomplete(_:)`` where a label is in no group or in two, where a group holds
  ///   what is no label, or two have one name.
  public init(_ groups: [LabelGroup], labels: [String]) throws(ModelFileError) {
    names = groups.map(\.name)
    guard Set(names).count == names.count else {
      throw .incomplete("two groups of labels have the same name")
    }
    var places: [String: Int] = [:]
    for (place, group) in groups.enumerated() {
      for label in group.labels where places.updateValue(place, forKey: label) != nil {
        throw .incomplete("the label \(label) is in two groups")
      }
    }
    var groupOfLabel: [Int] = []
    for label in labels {
      guard let place = places.removeValue(forKey: label) else {
        throw .incomplete("the label \(label) is in no group")
      }
      groupOfLabel.append(place)
    }
    if let other = places.keys.min() {
      throw .incomplete("a group holds \(other), which is no label of the classifier")
    }
    self.groupOfLabel = groupOfLabel
  }
}
