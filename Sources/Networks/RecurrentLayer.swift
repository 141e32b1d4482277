import Graphs
import Tensors

/// A layer that remembers: it goes through a sequence step by step.
///
/// Shapes: N × F × L → N × units × L with `returnsSequences`, else the last output, N × units.
/// Parameters: `weight_ih` [G · units, F], `weight_hh` [G · units, units], `bias` [G · units], G the cell's number
/// of parts in the order that ``RecurrentCell`` states. Recurrent weights begin orthogonal (A. Saxe et al.
/// 2013, arXiv 1312.6120).
///
/// In a network with the input ``NetworkInput/lengths`` an example's sequence ends at its length.
public protocol RecurrentLayer: Layer {
  /// The number of outputs of a step.
  var units: Int { get }
  /// Whether the outputs of all steps come out, rather than the last.
  var returnsSequences: Bool { get }
  /// Whether the sequence is gone through from its end. Outputs stay in the order of the steps.
  var isReversed: Bool { get set }
  /// The names of the network's inputs, N × units each, that it begins with (h; of an LSTM h and c); zeros
  /// where empty.
  var initialStates: [String] { get }
  var cell: RecurrentCell { get }
}

extension RecurrentLayer {
  public static var defaultName: String { "recurrent" }

  public var description: String {
    "\(Self.typeName)(\(units)\(returnsSequences ? ", returnsSequences: true" : ""))"
  }

  public func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node {
    try recur(over: input, in: &context)
  }

  /// Adds the cell, run over a series, with its parameters.
  func recur(over input: Node, in context: inout BuildContext) throws(NetworkError) -> Node {
    try context.requireSeries(input)
    try context.require(units, "units", in: Limit.count)
    let (batch, features, steps) = (input.shape[0], input.shape[1], input.shape[2])
    let parts = saturatingProduct(cell.gates, units)
    try context.require(parts, "units", in: Limit.count)
    var inputs = [
      try context.graphed { _ throws(GraphError) in try input.steps() },
      try context.parameter(
        "weight_ih", [parts, features], .glorotUniform, fanIn: features, fanOut: units),
      try context.parameter(
        "weight_hh", [parts, units], .orthogonal, fanIn: units, fanOut: units),
      try context.parameter("bias", [parts], cell.initialBias, fanIn: features, fanOut: units),
    ]
    if cell.hasRecurrentBias {
      inputs.append(try context.parameter("bias_hh", [parts], .zeros))
    }
    if cell.peepholes > 0 {
      inputs.append(try context.parameter("peephole", [cell.peepholes, units], .zeros))
    }
    let lengths = context.lengths
    if let lengths { inputs.append(lengths) }
    inputs += try initialNodes(batch, in: context)
    context.countMultiplyAdds(
      outputs: saturatingProduct(batch * steps, parts), terms: saturatingSum(features, units))
    let operation = Recurrence(
      cell, isReversed: isReversed, hasLengths: lengths != nil,
      hasInitialState: !initialStates.isEmpty)
    return try context.graphed { graph throws(GraphError) in
      let outputs = try graph.apply(operation, inputs)
      return returnsSequences ? try outputs[0].seriesOfSteps() : outputs[1]
    }
  }

  private func initialNodes(
    _ batch: Int, in context: BuildContext
  ) throws(NetworkError) -> [Node] {
    let wanted = cell.hasState ? 2 : 1
    guard initialStates.isEmpty || initialStates.count == wanted else {
      throw context.failure("initialStates \(initialStates): expected \(wanted) names")
    }
    return try initialStates.map { (name) throws(NetworkError) in
      let node = try context.input(named: name)
      guard node.shape == [batch, units] else {
        throw context.failure(
          "the input \(name): expected \(units), received \(node.shape.channelsLast)")
      }
      return node
    }
  }
}

extension RecurrentCell {
  /// Zeros; 1 for a forget gate, so that memory lasts at first (R. Jozefowicz et al.: *An Empirical Exploration
  /// of Recurrent Network Architectures*. 2015).
  fileprivate var initialBias: Initializer {
    if case .lstm(_, coupled: false) = self { .parts([0, 1, 0, 0]) } else { .zeros }
  }
}
