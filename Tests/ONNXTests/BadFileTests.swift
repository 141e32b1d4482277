import FoundationEssentials
import Graphs
import ONNX
import Tensors
import TestSupport
import Testing

@Suite struct BadFileTests {
  private func valid() -> FileBuilder {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.weight("w", [2, 2], [1, 2, 3, 4])
    file.node("MatMul", ["x", "w"], ["y"], name: "product")
    file.output("y")
    return file
  }

  private func problem(_ body: () throws -> Void) -> String {
    do { try body() } catch {
      let text = "\(error)"
      #expect(error is ONNXError && !text.contains("\n"), "\(text)")
      return text
    }
    return ""
  }

  private func build(_ file: FileBuilder, _ shape: Shape = [3, 2]) throws {
    _ = try file.model().build(on: Graph(), inputs: ["x": .shape(shape)])
  }

  /// Every beginning of a file is refused when it is read or built, or is a smaller valid file; none
  /// crashes.
  @Test func cutShort() throws {
    let bytes = valid().bytes
    for count in 0..<bytes.count {
      do {
        let model = try ONNXModel(bytes: Array(bytes[..<count]))
        _ = try model.build(on: Graph(), inputs: ["x": .shape([3, 2])])
      } catch {
        #expect(!"\(error)".contains("\n"))
      }
    }
    #expect(throws: ONNXError.self) { try ONNXModel(bytes: Array(bytes[..<(bytes.count / 2)])) }
  }

  /// Single bytes changed anywhere: an error or another network, no crash.
  @Test func changedBytes() throws {
    let bytes = valid().bytes
    for place in bytes.indices {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var changed = bytes
        changed[place] ^= change
        do {
          let model = try ONNXModel(bytes: changed)
          _ = try model.build(on: Graph(), inputs: ["x": .shape([3, 2])])
        } catch {
          #expect(!"\(error)".contains("\n"))
        }
      }
    }
  }

  @Test func noONNXFile() {
    #expect(problem { _ = try ONNXModel(bytes: []) }.contains("empty"))
    #expect(
      problem { _ = try ONNXModel(bytes: Array("{\"a\": 1}, quite another file".utf8)) } != "")
    #expect(problem { _ = try ONNXModel(path: "/no/such/file.onnx") }.contains("No such file"))
  }

  @Test func cyclicGraph() {
    var file = valid()
    file.node("Relu", ["b"], ["a"], name: "first")
    file.node("Relu", ["a"], ["b"], name: "second")
    #expect(problem { _ = try file.model() }.contains("the graph has a cycle through Relu (first)"))
  }

  @Test func unknownOperator() {
    var file = valid()
    file.node("FlyToTheMoon", ["y"], ["z"], name: "launch")
    file.output("z")
    let text = problem { try build(file) }
    #expect(text.contains("FlyToTheMoon") && text.contains("launch"))
  }

  /// What no output needs is not looked at.
  @Test func unknownOperatorThatNobodyNeeds() throws {
    var file = valid()
    file.node("FlyToTheMoon", ["y"], ["z"])
    try build(file)
  }

  @Test func unknownAttribute() {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.node("Relu", ["x"], ["y"], [FileBuilder.integer("upside_down", 1)])
    file.output("y")
    #expect(problem { try build(file) }.contains("upside_down"))
  }

  @Test func shapesThatDoNotFit() {
    #expect(problem { try build(valid(), [3, 5]) }.contains("takes"))
    var file = FileBuilder()
    file.input("x", [0, 0])
    file.weight("w", [2, 2], [1, 2, 3, 4])
    file.node("MatMul", ["x", "w"], ["y"], name: "product")
    file.output("y")
    let text = problem { try build(file, [3, 5]) }
    #expect(text.contains("product") && text.contains("expected equal inner extents"))
  }

  /// 2⁶⁰ elements, asked for in each way that a file has.
  @Test func hugeTensors() {
    var file = valid()
    file.weight("huge", [1 << 30, 1 << 30], [1, 2])
    #expect(problem { _ = try file.model() }.contains("huge"))

    file = FileBuilder()
    file.input("x", [1 << 30, 1 << 30])
    file.node("Relu", ["x"], ["y"])
    file.output("y")
    #expect(problem { try build(file, [1 << 30, 1 << 30]) }.contains("not supported"))

    for shape in [[1 << 30, 1 << 30], [0, 1 << 62, 1 << 62], [-1, 4]] {
      file = FileBuilder()
      file.integers("s", shape)
      file.node("ConstantOfShape", ["s"], ["y"])
      file.output("y")
      #expect(problem { try build(file) } != "", "\(shape)")
    }

    file = FileBuilder()
    file.input("x", [0, 2])
    file.integers("times", [1 << 30, 1 << 30])
    file.node("Tile", ["x", "times"], ["y"])
    file.output("y")
    #expect(problem { try build(file) } != "")

    file = FileBuilder()
    file.input("x", [0, 1, 1, 1])
    file.node(
      "AveragePool", ["x"], ["y"],
      [
        FileBuilder.integers("kernel_shape", [1, 1]),
        FileBuilder.integers("pads", [1 << 31, .max, 0, 0]),
      ])
    file.output("y")
    #expect(problem { try build(file, [1, 1, 1, 1]) } != "")
  }

  /// A million times a number, handed on a hundred times.
  private func handingOn(_ attributes: [Message]) -> FileBuilder {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.integers("s", [1 << 20])
    file.node("ConstantOfShape", ["s"], ["0"], attributes)
    for node in 0..<100 { file.node("Identity", ["\(node)"], ["\(node + 1)"]) }
    file.output("100")
    return file
  }

  /// A hundred million whole numbers, which a file of a few hundred bytes asks for; a weight that it says
  /// to be a billion times the same number makes no room for them.
  @Test(arguments: [false, true]) func numbersWithoutEnd(hasUniformWeight: Bool) {
    let zero = Message().number(1, 1).number(2, 7).number(7, 0)
    var file = handingOn([FileBuilder.tensor("value", zero)])
    if hasUniformWeight {
      file.integers("t", [1 << 30])
      file.node("ConstantOfShape", ["t"], ["u"])
      file.node("Relu", ["u"], ["v"])
    }
    #expect(problem { try build(file) }.contains("too many constant-folded elements"))
  }

  /// Floats that are all the same are a weight of which one is kept, under however many names.
  @Test func equalFloatsTakeNoRoom() throws {
    try build(handingOn([]))
  }

  /// A linear map of 60,000 cells to 50,000: 12 GB of weights.
  @Test func longAxisResized() {
    var file = FileBuilder()
    file.input("x", [1, 60_000])
    file.integers("s", [1, 50_000])
    file.node(
      "Resize", ["x", "", "", "s"], ["y"],
      [Message().text(1, "mode").number(20, 3).text(4, "linear")]
    )
    file.output("y")
    #expect(
      problem { try build(file, [1, 60_000]) }.contains("too many constant-folded elements"))
  }

  /// Two nodes that stand for 65,536 operations each.
  @Test func operationsWithoutEnd() {
    var file = FileBuilder()
    file.input("x", [1 << 16])
    file.node("Neg", ["x"], ["-x"])
    for name in ["x", "-x"] {
      file.node("Split", [name], ["1" + name], [FileBuilder.integer("num_outputs", 1 << 16)])
      file.output("1" + name)
    }
    #expect(problem { try build(file, [1 << 16]) }.contains("operations"))
  }

  /// A model file may hold weights beside a network, but nothing that shapes depend on.
  @Test func absentShape() throws {
    var file = FileBuilder()
    file.input("x", [1 << 20])
    file.initializers = [
      Message().number(1, 1 << 20).number(2, 7).text(8, "s").number(14, 2)
    ]
    file.node("Add", ["x", "s"], ["y"])
    file.output("y")
    let stored = ["graph": Data(file.bytes).base64EncodedString(), "output": "y"]
    let text = try JSONEncoder().encode(stored)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(ONNXNetwork.self, from: text) }
  }

  /// A scalar has no axis, not even the first.
  @Test(arguments: ["Split", "Concat", "Softmax", "ArgMax", "LayerNormalization"])
  func axisOfAScalar(operation: String) {
    var file = FileBuilder()
    file.input("x", [])
    file.node(operation, ["x"], ["y"], [FileBuilder.integer("axis", 0)])
    file.output("y")
    #expect(problem { try build(file, []) } != "")
  }

  /// What divides by an extent, or counts axes that are not there.
  @Test func shapesThatOperatorsDoNotTake() {
    var file = FileBuilder()
    file.integers("none", [1, 1, 0, 4])
    file.integers("s", [1, 1, 2, 4])
    file.node("ConstantOfShape", ["none"], ["x"])
    file.node("Resize", ["x", "", "", "s"], ["y"])
    file.output("y")
    #expect(problem { try build(file) }.contains("without elements"))

    file = FileBuilder()
    file.input("x", [4])
    file.node("GlobalLpPool", ["x"], ["y"])
    file.output("y")
    #expect(problem { try build(file, [4]) }.contains("image batch"))

    file = FileBuilder()
    file.input("x", [1, 2, 4, 4])
    file.integers("axes", [])
    file.integers("p", [0, 1])
    file.node("ConstantOfShape", ["axes"], ["c"])
    file.node("RotaryEmbedding", ["x", "c", "c", "p"], ["y"])
    file.output("y")
    #expect(problem { try build(file, [1, 2, 4, 4]) }.contains("axis 0 to pick from"))
  }

  @Test func externalData() {
    var file = valid()
    file.initializers = [
      Message().number(1, 2).number(1, 2).number(2, 1).text(8, "w").number(14, 1)
    ]
    #expect(problem { _ = try file.model() }.contains("external data"))
  }

  @Test func namesMadeTwice() {
    var file = valid()
    file.node("Relu", ["x"], ["y"])
    #expect(problem { _ = try file.model() }.contains("two nodes make y"))
    file = valid()
    file.node("Relu", ["nowhere"], ["z"])
    #expect(problem { _ = try file.model() }.contains("nowhere"))
  }

  @Test func oldOpset() {
    var file = valid()
    file.opset = 6
    #expect(problem { _ = try file.model() }.contains("opset 6"))
  }

  /// A graph within an attribute within a graph, 10,000 times.
  @Test func deepNesting() {
    var bytes: [UInt8] = []
    for _ in 0..<10_000 {
      let node = Message().message(5, Message().bytes(6, bytes))
      bytes = Message().message(1, node).bytes
    }
    let file = Message().bytes(7, bytes).message(8, Message().number(2, 17)).bytes
    #expect(problem { _ = try ONNXModel(bytes: file) }.contains("nested"))
  }

  @Test func shapesThatAreNotKnown() throws {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.input("s", [1], element: 7)
    file.node("Reshape", ["x", "s"], ["y"])
    file.output("y")
    #expect(throws: ONNXError.needsValue(ofInput: "s")) {
      _ = try file.model().build(
        on: Graph(), inputs: ["x": .shape([3, 2]), "s": .shape([1])])
    }
  }
}
