import Engine
import FoundationEssentials
import Graphs
import Models
import Networks
import Tensors
import Testing

/// Outputs against those of the networks' originals with the same weights, which a formula gives; see
/// `Fixtures/make_outputs.py`.
@Suite struct OutputTests {
  private static let size = 96

  @Test(arguments: [
    "alexnet", "vgg13", "googlenet", "resnet101", "efficientnet-b0", "xception",
  ])
  func asTheOriginal(name: String) throws {
    try compare(name, input: [Self.size, Self.size, 3], stride: 1)
  }

  /// U-Nets against the paper's figure written in PyTorch: every 97th number of what they make.
  @Test(
    arguments: [
      ("unet", [204, 204, 1]), ("unet-small", [size, size, 3]), ("unet-half", [size, size, 3]),
    ] as [(String, Shape)])
  func asTheFigure(name: String, input: Shape) throws {
    try compare(name, input: input, stride: 97)
  }

  private func compare(_ name: String, input: Shape, stride: Int) throws {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = folder.joined(separator: "/") + "/Fixtures/outputs.json"
    let outputs = try JSONDecoder().decode(
      [String: [Float]].self, from: Data(contentsOf: URL(filePath: path)))
    let expected = try #require(outputs[name])

    let graph = Graph()
    let network = try Models.named(name, input: input)
    let built = try network.build(on: graph, batch: 1, mode: .inference)
    let store = VariableStore()
    for variable in graph.variables { store[variable.name] = Self.value(of: variable) }
    let plan = try Plan(graph, outputs: [built.output], variables: store)
    let shape = input.batched(1)
    let image = Self.uniform("image", shape.count).map { 2 * $0 - 1 }
    try plan.setInput(built.input, Tensor(shape, image))
    try plan.run()
    let scalars = try plan.output(built.output).scalars
    let actual = Swift.stride(from: 0, to: scalars.count, by: stride).prefix(expected.count)
      .map { scalars[$0] }
    #expect(actual.count == expected.count)
    let largest = expected.map(abs).max() ?? 0
    for (ours, theirs) in zip(actual, expected) {
      #expect(abs(ours - theirs) <= 1e-4 * largest, "\(name): \(ours), \(theirs)")
    }
  }

  /// He's bound for kernels, near 1 for scales and variances, near 0 for the rest.
  private static func value(of variable: Variable) -> Tensor {
    let (name, shape) = (variable.name, variable.shape)
    let numbers = uniform(name, shape.count)
    if shape.rank > 1 {
      let bound = Float((6 / Double(shape.count / shape[0])).squareRoot())
      return Tensor(shape, numbers.map { (2 * $0 - 1) * bound })
    }
    let isNearOne = name.hasSuffix("running_var") || name.hasSuffix("weight")
    return Tensor(shape, numbers.map { isNearOne ? $0 + 0.5 : ($0 - 0.5) * 0.2 })
  }

  /// Numbers of 0 up to 1 from SplitMix64 at FNV-1a of the name.
  private static func uniform(_ name: String, _ count: Int) -> [Float] {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return (1...UInt64(count)).map { place in
      var z = state &+ place &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return Float(z >> 40) / 0x1p24
    }
  }
}
