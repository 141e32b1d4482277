extension ProtoNode {
  /// All values that it reads, those that its subgraphs read of the outer graph included.
  var reads: Set<String> {
    var names = Set(input)
    for attribute in attribute where attribute.hasG { names.formUnion(attribute.g.captures) }
    names.remove("")
    return names
  }

  /// The node for an error message: "Conv (conv1)", by its first output where it has no name.
  var title: String {
    let place = name.isEmpty ? output.first { !$0.isEmpty } ?? "" : name
    return place.isEmpty ? opType : "\(opType) (\(place))"
  }
}

extension ProtoGraph {
  /// The values that it reads and does not make.
  fileprivate var captures: Set<String> {
    var names = Set(output.map(\.name))
    for node in node { names.formUnion(node.reads) }
    for node in node { names.subtract(node.output) }
    return names.subtracting(initializer.map(\.name)).subtracting(input.map(\.name))
  }
}

extension [ProtoNode] {
  /// The nodes, each after those whose outputs it reads; in their own order where it is one.
  ///
  /// - Parameter given: the values that no node makes.
  func ordered(given: Set<String>) throws(ONNXError) -> [ProtoNode] {
    var maker: [String: Int] = [:]
    for (index, node) in enumerated() {
      for output in node.output where !output.isEmpty {
        guard maker.updateValue(index, forKey: output) == nil else {
          throw .invalid("two nodes make \(output)")
        }
      }
    }
    var waiting = [Int](repeating: 0, count: count)
    var readers = [[Int]](repeating: [], count: count)
    for (index, node) in enumerated() {
      for input in node.reads {
        if let source = maker[input] {
          readers[source].append(index)
          waiting[index] += 1
        } else if !given.contains(input) {
          throw .invalid("nothing makes \(input), which \(node.title) reads")
        }
      }
    }
    if indices.allSatisfy({ index in readers[index].allSatisfy { $0 > index } }) { return self }
    var ready = indices.filter { waiting[$0] == 0 }
    var order: [Int] = []
    while order.count < ready.count {
      let next = ready[order.count]
      order.append(next)
      for reader in readers[next] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
    }
    if let stuck = waiting.firstIndex(where: { $0 > 0 }) {
      throw .invalid(
        "the graph has a cycle through \(self[stuck].title)")
    }
    return order.map { self[$0] }
  }
}
