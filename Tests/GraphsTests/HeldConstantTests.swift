import Graphs
import Tensors
import TestSupport
import Testing

@Suite struct HeldConstantTests {
  /// d(x²·x)/dx is 3x²; with x² held constant it is x².
  @Test func aConstantPassesNoGradient() throws {
    let graph = Graph()
    let x = try graph.input("x", [])
    let square = try x.map(.square)
    let loss = try square * x
    let free = try graph.gradients(of: loss, withRespectTo: [x])[0]
    let held = try graph.gradients(of: loss, withRespectTo: [x], stoppingGradientsAt: [square])[0]
    let values = Interpreter(graph).run([free, held], inputs: [x: ReferenceTensor([], [2])])
    #expect(values.map(\.values) == [[12], [4]])
  }

  /// A step of an optimizer has no derivative; what was learnt in the same run is held.
  @Test func whatALearningStepMadeCanBeHeld() throws {
    let graph = Graph()
    let x = try graph.input("x", [])
    let weight = try graph.parameter("w", [], .constant(3))
    let rate = graph.constant(0.5)
    let learnt = try graph.apply(OptimizerUpdate(.sgd()), weight, x, rate)
    let loss = try learnt * x
    #expect(throws: GraphError.self) { try graph.gradients(of: loss, withRespectTo: [x]) }
    let held = try graph.gradients(of: loss, withRespectTo: [x], stoppingGradientsAt: [learnt])[0]
    // w − rate·x = 2.
    let values = Interpreter(graph).run([held], inputs: [x: ReferenceTensor([], [2])])
    #expect(values[0].values == [2])
  }
}
