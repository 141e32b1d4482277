import Tensors

/// A cell with memory run along sequences, one step after the other.
///
/// Inputs, T steps of N examples with F features, H units, G = `cell.gates`:
///
/// - x [T, N, F], W [G·H, F], U [G·H, H], b [G·H],
/// - b′ [G·H] where `cell.hasRecurrentBias`,
/// - p [`cell.peepholes`, H] where the cell has such,
/// - lengths [N] where `hasLengths`: whole numbers 0…T, the steps of each example,
/// - h₀ [N, H], and c₀ [N, H] where `cell.hasState`, where `hasInitialState`; otherwise they are zero.
///
/// Outputs: y [T, N, H], zero at the steps from an example's length on; the last h [N, H]; the last c [N, H] where
/// `cell.hasState`; then what the way back needs: the slots [T, `cell.slots`, N, H] where there are any, and
/// c [T, N, H] where `cell.hasState`.
///
/// The last h and c are those after the example's last step. A reversed run begins there and ends at step 0.
public struct Recurrence: Operation {
  public let cell: RecurrentCell
  public let isReversed: Bool
  public let hasLengths: Bool
  public let hasInitialState: Bool
  /// The largest magnitude of what goes into σ, tanh and max; nil for no bound. It has no derivative.
  public let clip: Float?

  public init(
    _ cell: RecurrentCell, isReversed: Bool = false, hasLengths: Bool = false,
    hasInitialState: Bool = false, clip: Float? = nil
  ) {
    self.cell = cell
    self.isReversed = isReversed
    self.hasLengths = hasLengths
    self.hasInitialState = hasInitialState
    self.clip = clip
  }

  /// Where each input stands; nil for those that there are not.
  public struct InputPlaces: Sendable {
    public let x = 0
    public let weight = 1
    public let recurrentWeight = 2
    public let bias = 3
    public private(set) var recurrentBias: Int?
    public private(set) var peepholes: Int?
    public private(set) var lengths: Int?
    public private(set) var h: Int?
    public private(set) var c: Int?
    public private(set) var count = 4

    init(_ operation: Recurrence) {
      func next() -> Int {
        count += 1
        return count - 1
      }
      if operation.cell.hasRecurrentBias { recurrentBias = next() }
      if operation.cell.peepholes > 0 { peepholes = next() }
      if operation.hasLengths { lengths = next() }
      if operation.hasInitialState { h = next() }
      if operation.hasInitialState && operation.cell.hasState { c = next() }
    }
  }

  public var places: InputPlaces { InputPlaces(self) }

  /// Where the outputs stand that the way back reads.
  public var slotsPlace: Int? { cell.slots > 0 ? (cell.hasState ? 3 : 2) : nil }
  public var statesPlace: Int? { cell.hasState ? 4 : nil }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    let places = places
    try require(inputs, count: places.count)
    let x = inputs[places.x]
    try require(x, rank: 3, "sequences T × N × F")
    try require(inputs[places.recurrentWeight], rank: 2, "recurrent weights")
    let (steps, batch, features) = (x[0], x[1], x[2])
    let units = inputs[places.recurrentWeight][1]
    let parts = cell.gates * units
    try require(inputs[places.weight], equals: [parts, features], "weights")
    try require(inputs[places.recurrentWeight], equals: [parts, units], "recurrent weights")
    try require(inputs[places.bias], equals: [parts], "a bias")
    if let place = places.recurrentBias {
      try require(inputs[place], equals: [parts], "a recurrent bias")
    }
    if let place = places.peepholes {
      try require(inputs[place], equals: [cell.peepholes, units], "peepholes")
    }
    if let place = places.lengths { try require(inputs[place], equals: [batch], "lengths") }
    if let place = places.h { try require(inputs[place], equals: [batch, units], "a state h") }
    if let place = places.c { try require(inputs[place], equals: [batch, units], "a state c") }
    if let clip { try require(clip > 0, "expected a positive clip, received \(clip)") }
    let sequence: Shape = [steps, batch, units]
    let last: Shape = [batch, units]
    var shapes = [sequence, last]
    if cell.hasState { shapes.append(last) }
    if cell.slots > 0 { shapes.append([steps, cell.slots, batch, units]) }
    if cell.hasState { shapes.append(sequence) }
    return shapes
  }

  /// Back-propagation through time gives the gradients of what goes into the gates; those of the
  /// weights are products with it, taken over all steps at once.
  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    try require(clip == nil, "clipped gates have no derivative here")
    let (places, inputs) = (places, request.inputs)
    let lastCount = cell.hasState ? 3 : 2
    try require(
      request.upstream[lastCount...].allSatisfy { $0 == nil },
      "expected gradients at y and the last states only")
    let graph = inputs[0].graph
    let backward = RecurrenceGradient(
      of: self, arrives: request.upstream[..<lastCount].map { $0 != nil })
    let results = try graph.apply(
      backward,
      [inputs[places.recurrentWeight]]
        + [places.peepholes, places.lengths, places.h, places.c].compactMap {
          $0.map { inputs[$0] }
        }
        + [request.outputs[0]]
        + [slotsPlace, statesPlace].compactMap { $0.map { request.outputs[$0] } }
        + request.upstream[..<lastCount].compactMap { $0 })

    let x = inputs[places.x]
    let (rows, units) = (x.shape[0] * x.shape[1], inputs[places.recurrentWeight].shape[1])
    func flat(_ node: Node) throws(GraphError) -> Node {
      try node.reshaped(to: [rows, node.shape[2]])
    }
    let gates = try flat(results[0])
    let before = try flat(results[1])
    let recurrentGates = try backward.recurrentGatesPlace.map { (place) throws(GraphError) in
      try flat(results[place])
    }
    let leftTransposed = MatrixMultiply(transposeLeft: true)
    var gradients = [Node?](repeating: nil, count: places.count)
    if request.needed[places.x] {
      gradients[places.x] = try gates.applying(MatrixMultiply(), inputs[places.weight])
        .reshaped(to: x.shape)
    }
    if request.needed[places.weight] {
      gradients[places.weight] = try gates.applying(leftTransposed, flat(x))
    }
    if request.needed[places.recurrentWeight] {
      if cell == .gru(resetAfter: false), let place = slotsPlace {
        // U's last part was multiplied with r ∘ h₋.
        let (steps, batch) = (x.shape[0], x.shape[1])
        let reset = try request.outputs[place].applying(
          Slice(starts: [0, 3, 0, 0], ends: [steps, 4, batch, units])
        ).reshaped(to: [rows, units])
        func part(_ from: Int, _ to: Int) throws(GraphError) -> Node {
          try gates.applying(Slice(starts: [0, from * units], ends: [rows, to * units]))
        }
        gradients[places.recurrentWeight] = try graph.apply(
          Concatenate(axis: 0), part(0, 2).applying(leftTransposed, before),
          part(2, 3).applying(leftTransposed, reset))
      } else {
        gradients[places.recurrentWeight] = try (recurrentGates ?? gates).applying(
          leftTransposed, before)
      }
    }
    if request.needed[places.bias] { gradients[places.bias] = try gates.sum(axes: [0]) }
    if let place = places.recurrentBias, request.needed[place] {
      gradients[place] = try (recurrentGates ?? gates).sum(axes: [0])
    }
    if let place = places.peepholes { gradients[place] = results[backward.peepholesPlace] }
    if let place = places.h { gradients[place] = results[backward.initialPlace] }
    if let place = places.c { gradients[place] = results[backward.initialPlace + 1] }
    return gradients
  }
}

/// Back-propagation through time (P. Werbos: *Backpropagation Through Time*. 1990) of a ``Recurrence``.
///
/// Inputs, those that the forward run has: U, p, lengths, h₀, c₀; its outputs y, slots, c; then the gradients
/// that arrive at y, the last h and the last c, those of `arrives`.
///
/// Outputs: the gradients of the gates' sums [T, N, G·H], zero past an example's length; h₋ of each step [T, N, H];
/// where the GRU is reset after the product, the gradients of the sums U h₋ + b′ [T, N, G·H]; the gradient of
/// p; those of h₀ and c₀.
public struct RecurrenceGradient: Operation {
  public let recurrence: Recurrence
  /// Whether a gradient arrives at y, the last h and the last c.
  public let arrives: [Bool]

  public init(of recurrence: Recurrence, arrives: [Bool]) {
    self.recurrence = recurrence
    self.arrives = arrives
  }

  /// Where each input stands; nil for those that there are not.
  public struct InputPlaces: Sendable {
    public let recurrentWeight = 0
    public private(set) var peepholes: Int?
    public private(set) var lengths: Int?
    public private(set) var h: Int?
    public private(set) var c: Int?
    public private(set) var y = 1
    public private(set) var slots: Int?
    public private(set) var states: Int?
    /// At y, the last h and the last c.
    public private(set) var upstream: [Int?] = [nil, nil, nil]
    public private(set) var count = 1

    init(_ operation: RecurrenceGradient) {
      func next() -> Int {
        count += 1
        return count - 1
      }
      let recurrence = operation.recurrence
      if recurrence.cell.peepholes > 0 { peepholes = next() }
      if recurrence.hasLengths { lengths = next() }
      if recurrence.hasInitialState { h = next() }
      if recurrence.hasInitialState && recurrence.cell.hasState { c = next() }
      y = next()
      if recurrence.cell.slots > 0 { slots = next() }
      if recurrence.cell.hasState { states = next() }
      for (place, arrives) in operation.arrives.enumerated() where arrives {
        upstream[place] = next()
      }
    }
  }

  public var places: InputPlaces { InputPlaces(self) }

  public var recurrentGatesPlace: Int? { recurrence.cell.hasRecurrentBias ? 2 : nil }
  public var peepholesPlace: Int { recurrence.cell.hasRecurrentBias ? 3 : 2 }
  public var initialPlace: Int { peepholesPlace + (recurrence.cell.peepholes > 0 ? 1 : 0) }

  public func outputShapes(_ inputs: [Shape]) throws(GraphError) -> [Shape] {
    let places = places
    try require(inputs, count: places.count)
    let y = inputs[places.y]
    try require(y, rank: 3, "sequences T × N × H")
    let (steps, batch, units) = (y[0], y[1], y[2])
    let cell = recurrence.cell
    try require(
      inputs[places.recurrentWeight], equals: [cell.gates * units, units], "recurrent weights")
    if let place = places.slots {
      try require(inputs[place], equals: [steps, cell.slots, batch, units], "slots")
    }
    if let place = places.states { try require(inputs[place], equals: y, "states") }
    if let place = places.upstream[0] { try require(inputs[place], equals: y, "a gradient of y") }
    for place in places.upstream[1...].compactMap(\.self) {
      try require(inputs[place], equals: [batch, units], "a gradient of a last state")
    }
    let gates: Shape = [steps, batch, cell.gates * units]
    var shapes = [gates, y]
    if cell.hasRecurrentBias { shapes.append(gates) }
    if cell.peepholes > 0 { shapes.append([cell.peepholes, units]) }
    if recurrence.hasInitialState {
      shapes += [Shape](repeating: [batch, units], count: cell.hasState ? 2 : 1)
    }
    return shapes
  }

  public func gradients(_ request: GradientRequest) throws(GraphError) -> [Node?] {
    throw failure("a recurrent layer has no second derivative here")
  }
}
