import Engine
import Graphs
import Synchronization
import Tensors
import Testing

/// Values that plans share, wherever they lie.
@Suite struct VariableStoreTests {
  /// y = mean over the pixels of conv(x, w), with a normalization that can be folded into w.
  private struct Network {
    let graph = Graph()
    let x: Node
    let y: Node
    let w: Node

    init(batch: Int) throws {
      let graph = graph
      x = try graph.input("x", [batch, 16, 6, 6])
      w = try graph.parameter("w", [16, 16, 3, 3], .heNormal, fanIn: 144)
      let numbers = try [("scale", 1.5), ("shift", 0.25), ("mean", 0.5), ("variance", 2)].map {
        try graph.parameter($0.0, [16], .constant(Float($0.1)))
      }
      let convolved = try x.applying(Convolution(padding: 1), w)
      y = try graph.apply(BatchNormalizationInference(), [convolved] + numbers)[0]
        .mean(axes: [2, 3])
    }

    func plan(_ store: VariableStore, _ assignments: AssignmentSelection = .none) throws -> Plan {
      let plan = try Plan(graph, outputs: [y], assignments: assignments, variables: store)
      try plan.setInput(x, Tensor(x.shape, (0..<x.shape.count).map { Float($0 % 17) / 17 }))
      return plan
    }

    func answer(_ plan: Plan) throws -> [Float] {
      try plan.run()
      return try plan.output(y).scalars
    }
  }

  private func store(for network: Network) throws -> VariableStore {
    let store = VariableStore()
    try store.initialize(network.graph.variables, random: RandomSource(seed: 4))
    return store
  }

  private func areClose(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }
  }

  /// A value is read in pieces, each element once, when the plan first runs.
  @Test func deferredValuesAreReadWhenNeeded() throws {
    let network = try Network(batch: 2)
    let (given, deferred) = (try store(for: network), try store(for: network))
    let value = try #require(given["w"])
    let read = Mutex(0)
    deferred.provide(
      LazyTensor(value.shape) { elements, target in
        read.withLock { $0 += elements.count }
        for (offset, index) in elements.enumerated() { target[offset] = value.scalars[index] }
      }, for: "w")
    let plan = try network.plan(deferred)
    #expect(read.withLock { $0 } == 0)
    let answer = try network.answer(plan)
    #expect(read.withLock { $0 } == value.count)
    #expect(try network.answer(plan) == answer)
    #expect(read.withLock { $0 } == value.count)
    #expect(try network.answer(network.plan(given)) == answer)
    #expect(deferred["w"] == value)
  }

  @Test func aChangedValueIsSeenByEveryPlan() throws {
    let (small, large) = (try Network(batch: 1), try Network(batch: 3))
    let store = try store(for: small)
    let (one, three) = (try small.plan(store), try large.plan(store))
    let before = (try small.answer(one), try large.answer(three))
    store["w"] = Tensor.zeros([16, 16, 3, 3])
    // shift − scale · mean / √variance
    let expected = 0.25 - 1.5 * 0.5 / Float(2.00001).squareRoot()
    for (plan, network) in [(one, small), (three, large)] {
      #expect(try network.answer(plan).allSatisfy { abs($0 - expected) < 1e-5 })
    }
    let after = (try small.answer(one), try large.answer(three))
    #expect(before.0 != after.0 && before.1 != after.1)
  }

  /// A plan that changes a value moves it to a place of its own; those that only read it follow.
  @Test func aPlanThatReadsFollowsOneThatTrains() throws {
    let network = try Network(batch: 2)
    let store = try store(for: network)
    let reader = try network.plan(store)
    let before = try network.answer(reader)
    let trained = try Network(batch: 2)
    try trained.graph.minimize(trained.y.sum(), [trained.w], .sgd(), rate: 0.1)
    let trainer = try trained.plan(store, .all)
    #expect(areClose(try network.answer(reader), before))
    try trainer.run()
    let after = try network.answer(reader)
    #expect(!areClose(after, before))
    let fresh = try self.store(for: network)
    fresh["w"] = store["w"]
    #expect(areClose(try network.answer(network.plan(fresh)), after))
  }

  @Test func aDamagedValueIsNamed() throws {
    let network = try Network(batch: 1)
    let store = try store(for: network)
    store["mean"] = Tensor([16], repeating: .infinity)
    let plan = try network.plan(store)
    try plan.run()
    let report = try #require(try plan.firstNonFinite())
    #expect(report.label == "mean" && report.operation == "variable")
  }

  @Test func whatIsMissingOrOfAnotherShapeIsNamed() throws {
    let network = try Network(batch: 1)
    let store = try store(for: network)
    store["mean"] = nil
    #expect { try network.plan(store) } throws: { "\($0)".contains("mean has no value") }
    store["mean"] = Tensor.zeros([15])
    #expect { try network.plan(store) } throws: {
      "\($0)".contains("mean: expected 16, received 15")
    }
  }
}
