import Dispatch
import Engine
import Graphs
import Synchronization
import Tensors
import TestSupport
import Testing

/// Plans that several threads make at once compute the same as plans made alone.
///
/// Without the lock around oneDNN's choice of an implementation every second run of this test finds a
/// convolution that computes something else: so many are needed, each with a width of its own, since one
/// that is known already is taken from oneDNN's cache.
@Suite struct ConcurrentPlansTests {
  @Test func computeTheSameAsAlone() {
    let threads = 4
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for channels in stride(from: 16 + thread, to: 16 + 240, by: threads) {
        let precision: Precision = channels % 2 == 0 ? .float32 : .bfloat16
        do {
          let error = try Self.errorOfTwoConvolutions(channels: channels, precision)
          if error < (precision == .float32 ? 1e-4 : 0.1) { continue }
          wrong.withLock { $0.append("\(channels) channels, \(precision): \(error)") }
        } catch EngineError.unavailable {
          // This processor has no bfloat16.
        } catch {
          wrong.withLock { $0.append("\(channels) channels: \(error)") }
        }
      }
    }
    #expect(wrong.withLock { $0 } == [])
  }

  /// How far two convolutions are, relatively, from the same without passes.
  private static func errorOfTwoConvolutions(
    channels: Int, _ precision: Precision
  ) throws -> Double {
    let graph = Graph()
    let x = try graph.input("x", [2, 3, 10, 10])
    let first = try graph.parameter("first", [channels, 3, 3, 3], .normal(std: 0.2))
    let second = try graph.parameter("second", [4, channels, 3, 3], .normal(std: 0.2))
    let y = try x.applying(Convolution(padding: 1), first).map(.relu)
      .applying(Convolution(padding: 1), second)
    var random = RandomSource(seed: 12)
    let images = ReferenceTensor.random(x.shape, &random)
    func result(_ options: PlanOptions) throws -> Tensor {
      let store = VariableStore()
      try store.initialize(graph.variables, random: RandomSource(seed: 7))
      let plan = try Plan(graph, outputs: [y], variables: store, options: options)
      try plan.setInput(x, images.tensor)
      try plan.run()
      return try plan.output(y)
    }
    let expected = try result(PlanOptions(threads: 2, optimizes: false))
    return relativeError(
      try result(PlanOptions(threads: 2, precision: precision)),
      ReferenceTensor(expected.shape, expected.scalars.map(Double.init)))
  }
}
