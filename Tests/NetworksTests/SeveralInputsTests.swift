import Graphs
import Networks
import Tensors
import TestSupport
import Testing

/// A network may take more than one tensor, as a conditional generator does.
@Suite struct SeveralInputsTests {
  private let network = Network(inputs: [NetworkInput("latent", [2]), NetworkInput("class", [3])]) {
    ConcatenateInput("class")
    Dense(1)
  }

  /// 1·1 + 2·2 + (10, 20, 30)·(0, 1, 0) + 0.5 = 25.5
  @Test func aFurtherInputStandsBehindTheFeatures() throws {
    let graph = Graph()
    let built = try network.build(on: graph, batch: 1, mode: .inference)
    #expect(built.inputs.map(\.shape) == [[1, 2], [1, 3]])
    #expect(built.layers[0].output.shape == [1, 5])
    let interpreter = Interpreter(graph)
    interpreter.variables["dense1.weight"] = ReferenceTensor([1, 5], [1, 2, 10, 20, 30])
    interpreter.variables["dense1.bias"] = .row([0.5])
    let output = interpreter.run(
      [built.output],
      inputs: [
        built.inputs[0]: ReferenceTensor([1, 2], [1, 2]),
        built.inputs[1]: ReferenceTensor([1, 3], [0, 1, 0]),
      ])[0]
    #expect(output.values == [25.5])
  }

  @Test func featuresAreRepeatedOverAnImage() throws {
    let network = Network(inputs: [NetworkInput("image", [1, 2, 1]), NetworkInput("class", [2])]) {
      ConcatenateInput("class")
    }
    let built = try network.build(on: Graph(), batch: 2, mode: .inference)
    let output = Interpreter(built.output.graph).run(
      [built.output],
      inputs: [
        built.inputs[0]: ReferenceTensor([2, 1, 1, 2], [1, 2, 3, 4]),
        built.inputs[1]: ReferenceTensor([2, 2], [5, 6, 7, 8]),
      ])[0]
    #expect(output.shape == [2, 3, 1, 2])
    #expect(output.values == [1, 2, 5, 5, 6, 6, 3, 4, 7, 7, 8, 8])
  }

  @Test func theDescriptionHoldsAllInputs() throws {
    let json = try network.json()
    #expect(
      json.hasPrefix(
        #"{"inputs":[{"name":"latent","shape":[2]},{"name":"class","shape":[3]}],"layers""#))
    #expect(try Network(json: json).inputs == network.inputs)
    let single = Network(input: [4]) { Dense(1) }
    #expect(try single.json().hasPrefix(#"{"input":[4]"#))
    #expect(throws: NetworkError.self) { try Network(json: #"{"inputs":[],"layers":[]}"#) }
  }

  @Test func mistakesAreNamed() throws {
    let graph = Graph()
    let latent = try graph.input("latent", [1, 2])
    #expect(
      "\(failure { _ = try network.build(on: latent, mode: .inference) })"
        .contains("takes 2 inputs, received 1"))
    let wide = try graph.input("wide", [1, 4])
    #expect(
      "\(failure { _ = try network.build(on: [latent, wide], mode: .inference) })"
        .contains("takes 3 as class, received 4"))
    let other = Network(input: [2]) { ConcatenateInput("class") }
    #expect("\(failure { _ = try other.summary() })".contains("no input class; it has input"))
  }

  private func failure(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "no error"
  }
}
