import Glibc
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// What outputs mean, whatever stands behind the last softmax or sigmoid.
@Suite struct OutputMeaningTests {
  /// A layer of any operations, without weights.
  private struct Tail: Layer {
    static let defaultName = "tail"
    let name: String
    var description: String { name }

    func callAsFunction(
      _ input: Node, in context: inout BuildContext
    ) throws(NetworkError) -> Node {
      guard let body = Self.all[name] else { throw context.failure("no tail \(name)") }
      return try context.graphed { (_) throws(GraphError) in try body(input) }
    }

    /// From 4 scores, N × 4.
    static let all: [String: @Sendable (Node) throws(GraphError) -> Node] = [
      "scores": { (x) throws(GraphError) in x },
      "scaled scores": { (x) throws(GraphError) in try x * 0.5 + 1 },
      "rectified scores": { (x) throws(GraphError) in try x.map(.relu) },
      "softmax": { (x) throws(GraphError) in try x.applying(Softmax(axis: 1)) },
      "softmax, reshaped": { (x) throws(GraphError) in
        try x.applying(Softmax(axis: 1)).reshaped(to: [x.shape[0], 1, 1, 4])
          .transposed([0, 3, 1, 2])
      },
      "softmax, clipped": { (x) throws(GraphError) in
        try x.applying(Softmax(axis: 1)).map(.clip(minimum: 1e-7, maximum: 1 - 1e-7))
      },
      "softmax, rectified": { (x) throws(GraphError) in
        try x.applying(Softmax(axis: 1)).map(.relu)
      },
      "halves exchanged": { (x) throws(GraphError) in
        let y = try x.applying(Softmax(axis: 1))
        let first = try y.applying(Slice(starts: [0, 0], ends: [x.shape[0], 1]))
        return try y.applying(Slice(starts: [0, 1], ends: [x.shape[0], 4]))
          .applying(Concatenate(axis: 1), first)
      },
      "one part twice": { (x) throws(GraphError) in
        let y = try x.applying(Softmax(axis: 1)).applying(
          Slice(starts: [0, 0], ends: [x.shape[0], 2]))
        return try y.applying(Concatenate(axis: 1), y)
      },
      "log-softmax by hand": { (x) throws(GraphError) in
        let largest = try x.reduced(.max, axes: [1], keepsAxes: true)
        let sum = try (x - largest).map(.exp).sum(axes: [1], keepsAxes: true)
        return try x - (sum.map(.log) + largest)
      },
      "exp of log-softmax by hand": { (x) throws(GraphError) in
        let sum = try x.map(.exp).sum(axes: [1], keepsAxes: true)
        return try (x - sum.map(.log)).map(.exp)
      },
      "shares of products": { (x) throws(GraphError) in
        let squares = try x * x
        return try squares / squares.sum(axes: [1], keepsAxes: true)
      },
      "sigmoid by hand": { (x) throws(GraphError) in try 1 / ((-x).map(.exp) + 1) },
      "sigmoid by a reciprocal": { (x) throws(GraphError) in
        try ((-x).map(.exp) + 1).map(.reciprocal)
      },
      "softmax as percent": { (x) throws(GraphError) in try x.applying(Softmax(axis: 1)) * 100 },
      "softmax by hand": { (x) throws(GraphError) in
        let powers = try (x - x.reduced(.max, axes: [1], keepsAxes: true)).map(.exp)
        return try powers / powers.sum(axes: [1], keepsAxes: true)
      },
      "shares": { (x) throws(GraphError) in
        let squares = try x.map(.square)
        return try squares / (squares.sum(axes: [1], keepsAxes: true) + 1e-12)
      },
      "mean of two": { (x) throws(GraphError) in
        let first = try x.applying(Softmax(axis: 1))
        let second = try (x * 0.5).applying(Softmax(axis: 1))
        return try (first + second) * 0.5
      },
      "mean over views": { (x) throws(GraphError) in
        let n = x.shape[0]
        let first = try x.applying(Softmax(axis: 1)).reshaped(to: [n, 1, 4])
        let second = try (x * 2).applying(Softmax(axis: 1)).reshaped(to: [n, 1, 4])
        return try first.applying(Concatenate(axis: 1), second).mean(axes: [1])
      },
      "log-softmax": { (x) throws(GraphError) in try x.applying(LogSoftmax(axis: 1)) },
      "log of softmax": { (x) throws(GraphError) in try x.applying(Softmax(axis: 1)).map(.log) },
      "loss of each class": { (x) throws(GraphError) in try -x.applying(LogSoftmax(axis: 1)) },
      "exp of log-softmax": { (x) throws(GraphError) in
        try x.applying(LogSoftmax(axis: 1)).map(.exp)
      },
      "softmax without the first": { (x) throws(GraphError) in
        try x.applying(Softmax(axis: 1)).applying(
          Slice(starts: [0, 1], ends: [x.shape[0], 4]))
      },
      "sigmoid": { (x) throws(GraphError) in try x.map(.sigmoid) },
      "sigmoid, clipped": { (x) throws(GraphError) in
        try x.map(.sigmoid).map(.clip(minimum: 1e-6, maximum: 1))
      },
      "hard sigmoid": { (x) throws(GraphError) in try x.map(.hardSigmoid()) },
      "one sigmoid": { (x) throws(GraphError) in
        try x.applying(Slice(starts: [0, 0], ends: [x.shape[0], 1])).map(.sigmoid)
      },
      "second of two": { (x) throws(GraphError) in
        try x.applying(Slice(starts: [0, 0], ends: [x.shape[0], 2])).applying(Softmax(axis: 1))
          .applying(Slice(starts: [0, 1], ends: [x.shape[0], 2]))
      },
      "mean of sigmoids": { (x) throws(GraphError) in
        try (x.map(.sigmoid) + (x * 2).map(.sigmoid)) * 0.5
      },
      "largest of two views": { (x) throws(GraphError) in
        try x.map(.sigmoid).combined(.maximum, (-x).map(.sigmoid))
      },
      "sigmoids of halves of the batch": { (x) throws(GraphError) in
        let y = try x.map(.sigmoid)
        let first = try y.applying(Slice(starts: [0, 0], ends: [1, 4]))
        let last = try y.applying(Slice(starts: [x.shape[0] - 1, 0], ends: [x.shape[0], 4]))
        return try x.shape[0] == 1 ? first : first.applying(Concatenate(axis: 0), last)
      },
      "sigmoid by tanh": { (x) throws(GraphError) in try x.map(.tanh) * 0.5 + 0.5 },
      "1 − sigmoid": { (x) throws(GraphError) in try 1 - x.map(.sigmoid) },
      "p and 1 − p": { (x) throws(GraphError) in
        let p = try x.applying(Slice(starts: [0, 0], ends: [x.shape[0], 1])).map(.sigmoid)
        return try (1 - p).applying(Concatenate(axis: 1), p)
      },
      "unit vector": { (x) throws(GraphError) in
        try x / x.map(.square).sum(axes: [1], keepsAxes: true).map(.sqrt)
      },
      "one score": { (x) throws(GraphError) in
        try x.applying(Slice(starts: [0, 0], ends: [x.shape[0], 1]))
      },
      "map": { (x) throws(GraphError) in try x.reshaped(to: [x.shape[0], 1, 2, 2]) },
    ]
  }

  private func build(_ name: String, batch: Int = 2) throws -> BuiltNetwork {
    try Network(input: [4]) { Tail(name: name) }.build(on: Graph(), batch: batch, mode: .inference)
  }

  private static let input = ReferenceTensor([2, 4], [0.5, -1, 2, 0.25, -3, 0, 1, 1.5])

  /// Each tail: what it means, and how what it makes becomes probabilities, where not as it stands.
  @Test(
    arguments: [
      ("scores", .logits), ("scaled scores", .logits), ("rectified scores", .logits),
      ("softmax", .probabilities), ("softmax, reshaped", .probabilities),
      ("softmax, clipped", .probabilities), ("softmax as percent", .probabilities),
      ("softmax, rectified", .probabilities), ("halves exchanged", .probabilities),
      ("one part twice", .logits), ("log-softmax by hand", .logProbabilities),
      ("exp of log-softmax by hand", .probabilities), ("shares of products", .probabilities),
      ("sigmoid by hand", .labels), ("sigmoid by a reciprocal", .labels),
      ("softmax by hand", .probabilities), ("shares", .probabilities),
      ("mean of two", .probabilities), ("mean over views", .probabilities),
      ("log-softmax", .logProbabilities), ("log of softmax", .logProbabilities),
      ("loss of each class", .logProbabilities), ("exp of log-softmax", .probabilities),
      ("softmax without the first", .someProbabilities), ("sigmoid", .labels),
      ("sigmoid, clipped", .labels), ("hard sigmoid", .labels), ("mean of sigmoids", .labels),
      ("largest of two views", .labels), ("sigmoids of halves of the batch", .labels),
      ("sigmoid by tanh", .labels), ("1 − sigmoid", .labels), ("one sigmoid", .binary),
      ("second of two", .binary), ("p and 1 − p", .probabilities),
    ] as [(String, OutputMeaning)])
  func probabilitiesAreThoseOfTheNetwork(_ name: String, _ meaning: OutputMeaning) throws {
    for batch in [1, 2] {
      let built = try build(name, batch: batch)
      let scores = try built.classScores()
      #expect(scores.meaning == meaning)
      let given = ReferenceTensor(
        [batch, 4], Array(Self.input.values.prefix(4 * batch)))
      let values = Interpreter(built.input.graph).run(
        [built.output, try scores.probabilities()], inputs: [built.input: given])
      let (made, probabilities) = (values[0].values, values[1].values)
      let each = made.count / batch
      for row in 0..<batch {
        let own = Array(made[row * each..<(row + 1) * each])
        let count = scores.classCount
        let found = Array(probabilities[row * count..<(row + 1) * count])
        let right: [Double]
        switch (meaning, name) {
        case (.logits, _):
          let sum = own.reduce(0) { $0 + exp($1) }
          right = own.map { exp($0) / sum }
        case (.logProbabilities, "loss of each class"): right = own.map { exp(-$0) }
        case (.logProbabilities, _): right = own.map { exp($0) }
        case (.binary, _): right = [1 - own[0], own[0]]
        case (_, "softmax as percent"): right = own.map { $0 / 100 }
        default: right = own
        }
        #expect(found.count == right.count)
        for (value, wanted) in zip(found, right) { #expect(abs(value - wanted) < 1e-6, "\(name)") }
      }
    }
  }

  @Test(arguments: ["unit vector", "one score", "map"])
  func whatIsNoClassesIsRefused(_ name: String) throws {
    #expect(throws: NetworkError.self) { try build(name).classScores() }
  }

  /// A network as deep as it likes, each layer adding itself to itself, is looked at in no time.
  @Test func deepNetworksAreLookedAtQuickly() throws {
    let graph = Graph()
    var node = try graph.input("x", [1, 3])
    for _ in 0..<5000 { node = try (node + node).map(.exp) }
    let built = try Network(input: [3]) { Flatten() }.build(on: node, mode: .inference)
    #expect(try built.classScores().meaning == .logits)
  }

  /// One probability is of the second of two classes, or of the one label that there is.
  @Test func oneSigmoidIsAClassOfTwoOrALabel() throws {
    let network = Network(input: [2]) { Dense(1, activation: .sigmoid) }
    let built = try network.build(on: Graph(), batch: 1, mode: .inference)
    let (classes, label) = (try built.classScores(), try built.classScores(labelCount: 1))
    #expect(classes.classCount == 2 && classes.activation == .softmax)
    #expect(try built.classScores(labelCount: 2).classCount == 2)
    #expect(label.classCount == 1 && label.activation == .sigmoid && label.meaning == .labels)
    let plain = try Network(input: [2]) { Dense(1) }.build(on: Graph(), batch: 1, mode: .inference)
    #expect(throws: NetworkError.self) { try plain.classScores(labelCount: 1) }
  }

  @Test func otherClassesEndInASoftmax() throws {
    let labels = Network(input: [4]) { Dense(3, activation: .sigmoid) }
    let other = try labels.withClasses(5, activation: .softmax)
    let built = try other.build(on: Graph(), batch: 1, mode: .inference)
    let scores = try built.classScores()
    #expect(scores.classCount == 5 && scores.meaning == .probabilities)
    let kept = try labels.withClasses(5).build(on: Graph(), batch: 1, mode: .inference)
    #expect(try kept.classScores().meaning == .labels)
  }
}
