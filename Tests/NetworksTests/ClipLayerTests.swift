import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// Layers over frames, and one-hot tokens.
@Suite struct ClipLayerTests {
  /// Each output is a sum over frames, rows and columns around it, zeros outside.
  @Test func convolutionInTime() throws {
    var random = RandomSource(seed: 3)
    let input = ReferenceTensor.random([2, 2, 4, 3, 5], &random)
    let weight = ReferenceTensor.random([3, 2, 3, 3, 3], &random)
    let bias = ReferenceTensor.random([3], &random)
    let output = try evaluate(
      Conv3D(3, 3), on: input, variables: ["weight": weight, "bias": bias]
    ).output
    #expect(output.shape == [2, 3, 4, 3, 5])
    func x(_ n: Int, _ c: Int, _ t: Int, _ i: Int, _ j: Int) -> Double {
      guard (0..<4).contains(t), (0..<3).contains(i), (0..<5).contains(j) else { return 0 }
      return input.values[(((n * 2 + c) * 4 + t) * 3 + i) * 5 + j]
    }
    var largest = 0.0
    for place in 0..<output.shape.count {
      let (j, i, t) = (place % 5, place / 5 % 3, place / 15 % 4)
      let (o, n) = (place / 60 % 3, place / 180)
      var sum = bias.values[o]
      for c in 0..<2 {
        for k in 0..<27 {
          let (dt, di, dj) = (k / 9 - 1, k / 3 % 3 - 1, k % 3 - 1)
          sum += weight.values[(o * 2 + c) * 27 + k] * x(n, c, t + dt, i + di, j + dj)
        }
      }
      largest = max(largest, abs(sum - output.values[place]))
    }
    #expect(largest < 1e-9)
  }

  private func run(
    _ layers: [NamedLayer], clip: [Double], lengths: [Double]
  ) throws -> ReferenceTensor {
    let graph = Graph()
    let shape: Shape = [2, 1, 3, 2, 2]
    let nodes = [try graph.input("clip", shape), try graph.input("lengths", [2, 1])]
    let network = Network(
      inputs: [NetworkInput("clip", shape.channelsLast), .lengths], layers: layers)
    let built = try network.build(on: nodes, mode: .inference)
    let interpreter = Interpreter(graph)
    interpreter.variables["c.weight"] = ReferenceTensor(
      [1, 1, 3, 1, 1], [1, 10, 100])
    interpreter.variables["c.bias"] = ReferenceTensor([1], [0.5])
    return interpreter.run(
      [built.output],
      inputs: [nodes[0]: ReferenceTensor(shape, clip), nodes[1]: ReferenceTensor([2, 1], lengths)])[
        0]
  }

  /// Three frames of 2 × 2 and two of another clip, filled up with zeros.
  private let clips: [Double] =
    [1, 1, 1, 1, 2, 2, 2, 2, 6, 6, 6, 6] + [3, 3, 3, 3, 5, 5, 5, 5, 0, 0, 0, 0]

  /// Frames past a clip's length do not count, and stay zero behind a bias.
  @Test func lengthsPass() throws {
    let means = try run([FrameAverage().named("a")], clip: clips, lengths: [3, 2])
    #expect(means.values == [3, 3, 3, 3, 4, 4, 4, 4])
    // Frame t is x(t − 1) + 10 x(t) + 100 x(t + 1).
    let convolved = try run([Conv3D(1, 1, frames: 3).named("c")], clip: clips, lengths: [3, 2])
    let first = [210.5, 621.5, 62.5, 530.5, 53.5, 0]
    #expect(stride(from: 0, to: 24, by: 4).map { convolved.values[$0] } == first)
  }

  @Test func gradientInTime() throws {
    var random = RandomSource(seed: 5)
    let inputs = [
      ReferenceTensor.random([2, 2, 3, 3, 3], &random),
      ReferenceTensor.random([2, 2, 3, 3, 3], &random), ReferenceTensor.random([2], &random),
    ]
    let check = try GradientCheck(inputs) { (nodes) throws(GraphError) in
      let network = Network(input: [3, 3, 3, 2], layers: [Conv3D(2, 3).named("x")])
      do throws(NetworkError) {
        return try network.build(
          on: nodes[0], mode: .inference, values: ["x.weight": nodes[1], "x.bias": nodes[2]]
        ).output
      } catch { throw GraphError(operation: "Conv3D", message: "\(error)") }
    }
    #expect(check.largestError < 1e-6 && check.comparisons > 30)
  }

  @Test func oneHotTokens() throws {
    let graph = Graph()
    let nodes = [try graph.input("tokens", [2, 3]), try graph.input("lengths", [2, 1])]
    let network = Network(
      inputs: [NetworkInput("tokens", [3]), .lengths], layers: [OneHot(4).named("x")])
    let built = try network.build(on: nodes, mode: .inference)
    let output = Interpreter(graph).run(
      [built.output],
      inputs: [
        nodes[0]: ReferenceTensor([2, 3], [3, 0, 1, 2, 0, 0]),
        nodes[1]: ReferenceTensor([2, 1], [3, 1]),
      ])[0]
    #expect(output.shape == [2, 4, 3])
    #expect(
      output.values == [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0] + [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
  }

  @Test func mistakesAreNamed() {
    func message(_ layer: any Layer, _ input: Shape) -> String {
      do {
        _ = try Network(input: input, layers: [layer.named("x")]).summary()
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(Conv3D(2, 3), [8, 8, 1]).hasSuffix("expected frames T×H×W×C, received 8×8×1"))
    #expect(
      message(Conv3D(2, 2), [4, 8, 8, 1]).hasSuffix("kernel 2, frames 2: expected odd numbers"))
    #expect(message(FrameAverage(), [8, 8, 1]).contains("expected frames"))
    #expect(message(OneHot(5_000), [9]).contains("vocabulary 5000: expected 1…4096"))
  }
}
