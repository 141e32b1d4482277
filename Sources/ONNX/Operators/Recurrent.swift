import Graphs
import Tensors

/// Layers with memory: `RNN`, `LSTM` and `GRU` with the activations that they have by default, `RNN` with
/// `Relu` too.
enum RecurrentOperators {
  static let table: [String: Operator] = [
    "RNN": Operator { (node) throws(ONNXError) in
      let names = node.texts("activations")?.map { $0.lowercased() }
      return try run(node, kind: .simple) { direction throws(ONNXError) in
        let name = names.map { direction < $0.count ? $0[direction] : "" } ?? "tanh"
        guard name == "tanh" || name == "relu" else {
          throw node.context.unsupported("the activation \(name)")
        }
        return .simple(rectifies: name == "relu")
      }
    },
    "LSTM": Operator { (node) throws(ONNXError) in
      try requireActivations(["sigmoid", "tanh", "tanh"], node)
      let isCoupled = node.flag("input_forget")
      let hasPeepholes = node.optional(7) != nil
      return try run(node, kind: .lstm) { _ throws(ONNXError) in
        .lstm(peepholes: hasPeepholes, coupled: isCoupled)
      }
    },
    "GRU": Operator { (node) throws(ONNXError) in
      try requireActivations(["sigmoid", "tanh"], node)
      let resetAfter = node.flag("linear_before_reset")
      return try run(node, kind: .gru) { _ throws(ONNXError) in .gru(resetAfter: resetAfter) }
    },
  ]

  private enum Kind: String {
    case simple = "RNN"
    case lstm = "LSTM"
    case gru = "GRU"

    /// Parts of the weights in the file.
    var parts: Int {
      switch self {
      case .simple: 1
      case .lstm: 4
      case .gru: 3
      }
    }
  }

  private static func requireActivations(
    _ usual: [String], _ node: NodeImport
  ) throws(ONNXError) {
    guard let names = node.texts("activations")?.map({ $0.lowercased() }) else { return }
    for (place, name) in names.enumerated() where name != usual[place % usual.count] {
      throw node.context.unsupported("the activation \(name)")
    }
  }

  private static func run(
    _ node: NodeImport, kind: Kind, _ cell: (_ direction: Int) throws(ONNXError) -> RecurrentCell
  ) throws(ONNXError) -> [Value] {
    let context = node.context
    node.ignore("activation_alpha", "activation_beta", "hidden_size", "output_sequence")
    let isBatchFirst = node.flag("layout")
    var x = try node.input(0)
    let (w, r) = (try node.input(1), try node.input(2))
    let name = node.text("direction") ?? "forward"
    guard
      let reversals = ["forward": [false], "reverse": [true], "bidirectional": [false, true]][name]
    else { throw context.invalid("direction \(name)") }
    try context.require(
      x.rank == 3 && w.rank == 3 && r.rank == 3 && r.shape[2] > 0,
      "expected sequences and weights with 3 axes, received \(x.shape), \(w.shape) and \(r.shape)")
    let units = r.shape[2]
    try context.require(
      w.shape[0] == reversals.count && r.shape[0] == reversals.count
        && r.shape[1] == kind.parts * units,
      "weights \(w.shape) and \(r.shape) do not fit \(name) of \(units) units")
    if isBatchFirst { x = try context.transpose(x, [1, 0, 2]) }
    try context.requireElements(x)
    let batch = x.shape[1]

    var outputs: [[Value]] = []
    for (direction, isReversed) in reversals.enumerated() {
      let cell = try cell(direction)
      let rows = order(of: cell)
      func own(_ value: Value, _ axis: Int = 0) throws(ONNXError) -> Value {
        try part(value, axis: axis, direction, direction + 1, context)
      }
      var inputs = [
        x, try gathered(own(w), rows, units, context), try gathered(own(r), rows, units, context),
      ]
      inputs += try biases(node, cell, kind, direction: direction, rows, units)
      if cell.peepholes > 0, let p = node.optional(7) {
        try context.require(
          p.shape == [reversals.count, 3 * units], "peepholes \(p.shape)")
        let order = cell.peepholes == 3 ? [0, 2, 1] : [0, 1]
        let picked = try gathered(own(p), order, units, context)
        inputs.append(try context.reshape(picked, to: [cell.peepholes, units]))
      }
      let lengths = node.optional(4)
      if let lengths { inputs.append(lengths) }
      var states: [Value] = []
      for place in cell.hasState ? [5, 6] : [5] {
        guard var state = node.optional(place) else { continue }
        if isBatchFirst { state = try context.transpose(state, [1, 0, 2]) }
        states.append(try context.reshape(own(state), to: [batch, units]))
      }
      if !states.isEmpty, cell.hasState, states.count == 1 {
        let zeros = try context.broadcast(
          Value(scalar: 0, x.element), to: [batch, units])
        states = node.optional(5) == nil ? [zeros, states[0]] : [states[0], zeros]
      }
      let operation = Recurrence(
        cell, isReversed: isReversed, hasLengths: lengths != nil, hasInitialState: !states.isEmpty,
        clip: node.float("clip"))
      let nodes = try (inputs + states).map { (value) throws(ONNXError) in try context.node(value) }
      var made = try context.apply(operation, nodes)[..<(cell.hasState ? 3 : 2)].map {
        Value($0, x.element)
      }
      if let lengths, !states.isEmpty {
        // Of an empty sequence onnxruntime gives zeros, not the initial states.
        let isPresent = try context.reshape(
          try context.combine(.greater, lengths, Value(scalar: 0, lengths.element)),
          to: [batch, 1])
        for place in made.indices.dropFirst() {
          made[place] = try context.combine(.multiply, made[place], isPresent)
        }
      }
      outputs.append(made)
    }
    return try outputs[0].indices.map { (place) throws(ONNXError) in
      // Directions stand before the batch, or behind it.
      let parts = try outputs.map { (values) throws(ONNXError) in
        let shape = values[place].shape.dimensions
        return try context.reshape(
          values[place], to: Shape(shape.dropLast(2) + [1] + shape.suffix(2)))
      }
      let joined = try context.concatenate(parts, axis: place == 0 ? 1 : 0)
      guard isBatchFirst else { return joined }
      return try context.transpose(joined, place == 0 ? [2, 0, 1, 3] : [1, 0, 2])
    }
  }

  /// Where a cell's parts stand in the file: i o f c of an LSTM, z r h of a GRU.
  private static func order(of cell: RecurrentCell) -> [Int] {
    switch cell {
    case .simple: [0]
    case .lstm(_, let coupled): coupled ? [0, 3, 1] : [0, 2, 3, 1]
    case .gru: [0, 1, 2]
    }
  }

  /// The biases: one, of W and U together, or two.
  private static func biases(
    _ node: NodeImport, _ cell: RecurrentCell, _ kind: Kind, direction: Int, _ rows: [Int],
    _ units: Int
  ) throws(ONNXError) -> [Value] {
    let context = node.context
    let count = kind.parts * units
    guard let bias = node.optional(3) else {
      let zeros = try context.broadcast(Value(scalar: 0), to: [rows.count * units])
      return cell.hasRecurrentBias ? [zeros, zeros] : [zeros]
    }
    try context.require(
      bias.rank == 2 && bias.shape[0] > direction && bias.shape[1] == 2 * count,
      "a bias \(bias.shape)")
    let own = try part(bias, axis: 0, direction, direction + 1, context)
    let both = try [0, 1].map { (half) throws(ONNXError) in
      let values = try part(own, axis: 1, half * count, (half + 1) * count, context)
      return try context.reshape(
        gathered(values, rows, units, context), to: [rows.count * units])
    }
    return cell.hasRecurrentBias ? both : [try context.combine(.add, both[0], both[1])]
  }

  /// A range along an axis.
  private static func part(
    _ value: Value, axis: Int, _ start: Int, _ end: Int, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    var (starts, counts) = ([Int](repeating: 0, count: value.rank), value.shape.dimensions)
    try context.require(end <= counts[axis], "a part of \(value.shape)")
    (starts[axis], counts[axis]) = (start, end - start)
    return try context.slice(
      value, starts: starts, counts: counts, steps: [Int](repeating: 1, count: value.rank))
  }

  /// Parts of `units` rows of a tensor 1 × rows × …, in another order, without the first axis.
  private static func gathered(
    _ value: Value, _ order: [Int], _ units: Int, _ context: ImportContext
  ) throws(ONNXError) -> Value {
    let whole = try context.reshape(value, to: Shape(value.shape.dimensions.dropFirst()))
    if order == Array(0..<whole.shape[0] / units) { return whole }
    return try context.concatenate(
      order.map { (part) throws(ONNXError) in
        try self.part(whole, axis: 0, part * units, (part + 1) * units, context)
      }, axis: 0)
  }
}
