import Tensors

extension Graph {
  /// The gradients of a scalar with respect to nodes, as further nodes of this graph: reverse
  /// accumulation along the ways from the loss to what is asked for, and along no others.
  ///
  /// S. Linnainmaa, 1970; A. G. Baydin et al.: *Automatic Differentiation in Machine Learning: a
  /// Survey*. JMLR 2018.
  ///
  /// - Parameters:
  ///   - loss: a node of one element.
  ///   - targets: variables, inputs or nodes in between.
  ///   - constants: nodes that are held constant, whatever they were computed from.
  /// - Returns: a node of the same shape for each target; zeros where the loss does not depend on
  ///   it.
  /// - Throws: where the loss has several elements or an operation on the way has no derivative.
  public func gradients(
    of loss: Node, withRespectTo targets: [Node], stoppingGradientsAt constants: [Node] = []
  ) throws(GraphError) -> [Node] {
    guard loss.graph === self, (targets + constants).allSatisfy({ $0.graph === self }) else {
      throw failure("gradients", "expected nodes of this graph")
    }
    guard loss.shape.count == 1 else {
      throw failure("gradients", "expected a loss of one element, received \(loss.shape)")
    }
    var arrived = [loss.id: try constant(1).broadcast(to: loss.shape)]
    try accumulate(&arrived, targets, stoppingGradientsAt: constants, stopsAtTargets: false)
    var gradients: [Node] = []
    for target in targets {
      if let gradient = arrived[target.id] {
        gradients.append(gradient)
      } else {
        gradients.append(try constant(0).broadcast(to: target.shape))
      }
    }
    return gradients
  }

  /// The gradients of an operation whose outputs can be composed of others, from the composition.
  /// Inputs count as independent, even where one was computed from another. Operations with a
  /// kernel of their own get their second derivative so.
  func gradients(
    throughComposition outputs: [Node], of request: GradientRequest
  ) throws(GraphError) -> [Node?] {
    var arrived: [Node.ID: Node] = [:]
    for (output, gradient) in zip(outputs, request.upstream) { arrived[output.id] = gradient }
    let targets = zip(request.inputs, request.needed).filter(\.1).map(\.0)
    try accumulate(&arrived, targets, stopsAtTargets: true)
    // A node that is two of the inputs has received the sum: it must not count twice.
    return request.inputs.map { arrived.removeValue(forKey: $0.id) }
  }

  /// Carries gradients back from where they arrived to all targets.
  private func accumulate(
    _ arrived: inout [Node.ID: Node], _ targets: [Node], stoppingGradientsAt constants: [Node] = [],
    stopsAtTargets: Bool
  ) throws(GraphError) {
    guard let last = arrived.keys.map(\.vertex).max() else { return }
    let needed = nodesDepending(on: targets, upTo: last, stoppingGradientsAt: constants)
    let stops = stopsAtTargets ? Set(targets.map(\.id.vertex)) : []
    for vertex in stride(from: last, through: 0, by: -1)
    where needed[vertex] && !stops.contains(vertex) {
      try withLabel(gradientLabel(of: vertices[vertex].label)) { () throws(GraphError) in
        try carryBack(through: vertex, needed: needed, &arrived)
      }
    }
  }

  /// Adds what arrived at a vertex's outputs, carried back, to what arrived at its inputs.
  private func carryBack(
    through vertex: Int, needed: [Bool], _ arrived: inout [Node.ID: Node]
  ) throws(GraphError) {
    guard case .operation(let operation) = vertices[vertex].kind else { return }
    let outputs = outputs(of: vertex)
    let upstream = outputs.map { arrived[$0.id] }
    let inputs = vertices[vertex].inputs.map(node)
    let request = GradientRequest(
      inputs: inputs, outputs: outputs, upstream: upstream,
      needed: inputs.map { needed[$0.id.vertex] })
    guard request.needed.contains(true), upstream.contains(where: { $0 != nil }) else { return }

    let gradients: [Node?]
    do {
      gradients = try operation.gradients(request)
    } catch {
      throw GraphError(
        label: vertices[vertex].label, operation: error.operation, message: error.message)
    }
    for (input, gradient) in zip(inputs, gradients) where needed[input.id.vertex] {
      guard let gradient else { continue }
      guard gradient.shape == input.shape else {
        throw failure(
          operation.name, "expected a gradient of \(input.shape), received \(gradient.shape)")
      }
      if let sum = arrived[input.id] {
        arrived[input.id] = try sum + gradient
      } else {
        arrived[input.id] = gradient
      }
    }
  }

  /// For each vertex up to `last`, whether a target is among its outputs or their ancestors, by a way
  /// that passes no constant.
  private func nodesDepending(
    on targets: [Node], upTo last: Int, stoppingGradientsAt constants: [Node]
  ) -> [Bool] {
    var depends = [Bool](repeating: false, count: last + 1)
    for target in targets where target.id.vertex <= last { depends[target.id.vertex] = true }
    let held = Set(constants.map(\.id.vertex))
    for vertex in 0...last where !depends[vertex] && !held.contains(vertex) {
      depends[vertex] = vertices[vertex].inputs.contains { depends[$0.vertex] }
    }
    return depends
  }

  private func gradientLabel(of label: String?) -> String? {
    guard let label else { return nil }
    return label.hasSuffix(" (gradient)") ? label : "\(label) (gradient)"
  }
}
