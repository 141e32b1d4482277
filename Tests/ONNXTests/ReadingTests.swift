import Engine
import Graphs
import ONNX
import Tensors
import TestSupport
import Testing

@Suite struct ReadingTests {
  /// A convolution of 1 × 3 × 3 images with a bias, ReLU, the mean of all, and a dense layer.
  private func small(opset: Int = 17) -> FileBuilder {
    var file = FileBuilder()
    file.opset = opset
    file.input("x", [0, 1, 3, 3])
    file.weight("conv.weight", [1, 1, 2, 2], [1, 0, 0, -1])
    file.weight("conv.bias", [1], [0.5])
    file.weight("fc.weight", [2, 1], [1, -2])
    file.weight("fc.bias", [2], [10, 20])
    file.integers("shape", [0, -1])
    file.node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], name: "first")
    file.node("Relu", ["c"], ["r"])
    file.node("GlobalAveragePool", ["r"], ["g"])
    file.node("Reshape", ["g", "shape"], ["f"])
    file.node("Gemm", ["f", "fc.weight", "fc.bias"], ["y"], [FileBuilder.integer("transB", 1)])
    file.output("y", [0, 2])
    return file
  }

  @Test func runsASmallNetwork() throws {
    let model = try small().model()
    #expect(model.inputs.map(\.name) == ["x"] && model.opset == 17)
    #expect(model.inputs[0].shapeText == "n×1×3×3")
    // x[i, j] − x[i + 1, j + 1] + ½ of 9 … 1 is 4 + ½ everywhere, of 1 … 9 it is −4 + ½.
    let falling = (0..<9).map { Float(9 - $0) }
    let rising = (0..<9).map { Float(1 + $0) }
    let y = try model.output(of: ["x": Tensor([2, 1, 3, 3], falling + rising)])
    #expect(y == Tensor([2, 2], [14.5, 11, 10, 20]))
  }

  @Test func weightsAreParametersByName() throws {
    let graph = Graph()
    let built = try small().model().build(on: graph, inputs: ["x": .shape([1, 1, 3, 3])])
    #expect(graph.variables.map(\.name).sorted() == ["conv.weight", "fc.bias", "fc.weight"])
    #expect(graph.variables.filter { !$0.isTrainable }.isEmpty)
    #expect(built.weights["fc.weight"]?.scalars == [1, -2])
    #expect(built.layers.map(\.type).contains("Conv"))
    #expect(built.layers.first?.declaration == "Conv(1, 2×2)")
    #expect(built.layers.first?.multiplyAdds == 16)
  }

  /// Weights of 4 bits, two a byte, with a scale for each block of two rows, and of 8-bit floats. Of
  /// the first, 3 × 3, the last byte is half used.
  @Test(arguments: [
    (
      element: 22, bytes: [0x21, 0xF8, 0x7F, 0x60, 0x0A],
      [1, 2, -8, -1, -1, 7, 0, 6, -6] as [Float]
    ),
    (21, [0x21, 0xF8, 0x7F, 0x60, 0x0A], [1, 2, 8, 15, 15, 7, 0, 6, 10]),
    (
      17, [0x38, 0xB8, 0x7E, 0x01, 0, 0x40, 0x44, 0x30, 0x80],
      [1, -1, 448, 0.001953125, 0, 2, 3, 0.5, 0]
    ),
    (
      19, [0x3C, 0xBC, 0x7B, 0x01, 0, 0x40, 0x42, 0x38, 0x80],
      [1, -1, 57_344, 1.52587890625e-05, 0, 2, 3, 0.5, 0]
    ),
  ])
  func smallElements(element: Int, bytes: [Int], expected: [Float]) throws {
    var file = FileBuilder()
    file.opset = 21
    file.input("x", [1, 3])
    file.bytes("w", [3, 3], bytes, element: element)
    file.weight("scale", [2, 3], [2, 2, 2, 0.5, 0.5, 0.5])
    file.node(
      "DequantizeLinear", ["w", "scale"], ["v"],
      [FileBuilder.integer("axis", 0), FileBuilder.integer("block_size", 2)])
    file.node("MatMul", ["x", "v"], ["y"])
    file.output("y")
    for row in 0..<3 {
      let x = Tensor([1, 3], (0..<3).map { $0 == row ? 1 : 0 })
      let scale: Float = row < 2 ? 2 : 0.5
      let y = try file.model().output(of: ["x": x])
      #expect(y.scalars == expected[3 * row..<3 * row + 3].map { $0 * scale })
    }
  }

  @Test func nodesMayComeInAnyOrder() throws {
    var file = small()
    file.nodes.reverse()
    let y = try file.model().output(of: ["x": Tensor([1, 1, 3, 3], (0..<9).map { Float(9 - $0) })])
    #expect(y.scalars == [14.5, 11])
  }

  /// What only shapes depend on is computed while the graph is built, exactly beyond 2⁵³.
  @Test func shapesAreComputedExactly() throws {
    var file = FileBuilder()
    file.input("x", [0, 6])
    file.integers("big", [9_007_199_254_740_993])
    file.integers("less", [9_007_199_254_740_990])
    file.node(
      "Shape", ["x"], ["s"], [FileBuilder.integer("start", 0), FileBuilder.integer("end", 1)])
    file.node("Sub", ["big", "less"], ["three"])
    file.integers("rest", [-1])
    file.node("Concat", ["s", "three", "rest"], ["shape"], [FileBuilder.integer("axis", 0)])
    file.node("Reshape", ["x", "shape"], ["y"])
    file.output("y")
    let y = try file.model().output(of: ["x": Tensor([5, 6], repeating: 1)])
    #expect(y.shape == [5, 3, 2])
  }

  /// Up to opset 12 softmax runs over all axes from its own on.
  @Test(arguments: [(11, Float(1) / 8), (13, Float(1) / 2)])
  func softmaxOfOldAndNew(_ opset: Int, _ expected: Float) throws {
    var file = FileBuilder()
    file.opset = opset
    file.input("x", [0, 2, 2, 2])
    file.node("Softmax", ["x"], ["y"], [FileBuilder.integer("axis", 1)])
    file.output("y")
    let y = try file.model().output(of: ["x": Tensor([1, 2, 2, 2], repeating: 3)])
    #expect(y.scalars.allSatisfy { abs($0 - expected) < 1e-6 })
  }

  @Test func integersAreDividedWithoutFractions() throws {
    var file = FileBuilder()
    file.input("a", [4], element: 6)
    file.input("b", [4], element: 6)
    file.node("Div", ["a", "b"], ["y"])
    file.output("y")
    let y = try file.model().output(of: [
      "a": Tensor([4], [7, -7, 9, 100]), "b": Tensor([4], [2, 2, 3, 7]),
    ])
    #expect(y.scalars == [3, -3, 3, 14])
  }
}
