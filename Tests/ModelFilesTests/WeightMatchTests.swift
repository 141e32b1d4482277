import ModelFiles
import Tensors
import TestSupport
import Testing

@Suite struct WeightMatchTests {
  let variables: [(name: String, shape: Shape)] = [
    ("conv1.weight", [8, 3, 3, 3]), ("conv1.bias", [8]), ("fc.weight", [4, 8]), ("fc.bias", [4]),
  ]

  /// The same tensors under other names, in another order.
  private func tensors(
    _ rename: (String) -> String
  ) -> [(name: String, shape: Shape)] {
    variables.reversed().map { (rename($0.name), $0.shape) }
  }

  @Test func namesMatchWhateverTheOrder() {
    let match = WeightMatch(
      variables: variables,
      tensors: tensors { $0 } + [("fc.num_batches_tracked", []), ("extra.weight", [2])])
    #expect(match.isComplete && match.prefix == "")
    #expect(match.pairs.map(\.variable) == variables.map(\.name))
    #expect(match.pairs.allSatisfy { $0.variable == $0.tensor && $0.reason == .name })
    #expect(match.unexpectedKeys == ["extra.weight"])
  }

  @Test(arguments: ["module.", "model.module.", "0."])
  func aCommonBeginningIsTakenOff(prefix: String) {
    let match = WeightMatch(variables: variables, tensors: tensors { prefix + $0 })
    #expect(match.isComplete && match.prefix == prefix)
    #expect(match.pairs.first?.tensor == prefix + "conv1.weight")
  }

  @Test func renamesComeFirst() {
    let foreign = tensors { "net." + $0.replacing("conv1", with: "stem") }
    #expect(!WeightMatch(variables: variables, tensors: foreign + [("net.a.bias", [8])]).isComplete)
    let match = WeightMatch(
      variables: variables, tensors: foreign + [("net.a.bias", [8])],
      renamedPrefixes: [("net.stem", "conv1"), ("net.", "")])
    #expect(match.isComplete)
    #expect(match.unexpectedKeys == ["net.a.bias"])
  }

  @Test func otherNamesOfPartsAreKnown() {
    let match = WeightMatch(
      variables: [("bn.weight", [2]), ("bn.bias", [2]), ("bn.running_var", [2])],
      tensors: [("bn.moving_variance", [2]), ("bn.beta", [2]), ("bn.gamma", [2])])
    #expect(match.isComplete)
    #expect(match.pairs.map(\.tensor) == ["bn.gamma", "bn.beta", "bn.moving_variance"])
  }

  @Test func whatHasAShapeAloneMatchesByIt() {
    let foreign: [(name: String, shape: Shape)] = [
      ("a.weight", [8, 3, 3, 3]), ("a.bias", [8]), ("b.weight", [4, 8]), ("b.bias", [4]),
    ]
    let match = WeightMatch(variables: variables, tensors: foreign)
    #expect(match.isComplete)
    #expect(match.pairs.allSatisfy { $0.reason == .shape })
    #expect(match.pairs.map(\.tensor) == foreign.map(\.name))
  }

  @Test func whatIsAmbiguousMatchesOnlyInOrderAndWhenAskedTo() {
    let twins: [(name: String, shape: Shape)] = [("x.weight", [2, 2]), ("y.weight", [2, 2])]
    let foreign: [(name: String, shape: Shape)] = [("a.weight", [2, 2]), ("b.weight", [2, 2])]
    #expect(
      WeightMatch(variables: twins, tensors: foreign).missingKeys == ["x.weight", "y.weight"])
    let match = WeightMatch(variables: twins, tensors: foreign, matchesByOrder: true)
    #expect(match.pairs.map(\.tensor) == ["a.weight", "b.weight"])
    #expect(match.pairs.allSatisfy { $0.reason == .order })
    // Three tensors for two variables: the order says nothing.
    #expect(
      !WeightMatch(
        variables: twins, tensors: foreign + [("c.weight", [2, 2])], matchesByOrder: true
      ).isComplete)
  }

  @Test func anotherShapeIsAMisfitAndNotTakenByItsShape() {
    let match = WeightMatch(
      variables: [("fc.weight", [4, 8])],
      tensors: [("fc.weight", [5, 8]), ("other.weight", [4, 8])]
    )
    #expect(match.shapeMismatches.map(\.variable) == ["fc.weight"])
    #expect(match.shapeMismatches.map(\.expected) == [[4, 8]])
    #expect(match.shapeMismatches.map(\.received) == [[5, 8]])
    #expect(match.missingKeys.isEmpty && !match.isComplete)
  }

  @Test func denseWeightsKeptTurnedAreTurnedBack() throws {
    let folder = TestSupport.TemporaryFolder()
    var table = TensorTable()
    table["a.weight"] = Tensor([3, 2], [1, 2, 3, 4, 5, 6])
    table["b.weight"] = Tensor([2, 2], [1, 2, 3, 4])
    let path = folder.path + "/f"
    try Safetensors.write(table, to: path)
    let file = try WeightsFile(path: path)
    let match = WeightMatch(
      variables: [("a.weight", [2, 3]), ("b.weight", [2, 2])], tensors: file.entries)
    #expect(match.pairs.map(\.isTransposed) == [true, true])
    let values = try match.values(from: file)
    #expect(values["a.weight"] == Tensor([2, 3], [1, 3, 5, 2, 4, 6]))
    #expect(values["b.weight"] == Tensor([2, 2], [1, 3, 2, 4]))
    // Square ones alone do not show how they lie.
    let square = WeightMatch(variables: [("b.weight", [2, 2])], tensors: file.entries)
    #expect(square.pairs.map(\.isTransposed) == [false])
    // One that lies as ours says that all do.
    let mixed = WeightMatch(
      variables: [("a.weight", [3, 2]), ("c.weight", [2, 3])],
      tensors: file.entries + [("c.weight", [3, 2])])
    #expect(mixed.shapeMismatches.map(\.variable) == ["c.weight"])
  }

  /// Keras's paths name a layer wherever it lies; kernels are height × width × in × out.
  @Test func pathsOfKeras() throws {
    let table: [(String, Shape)] = [
      ("stem/kernel", [3, 3, 2, 4]), ("stem_bn/gamma", [4]), ("stem_bn/moving_mean", [4]),
      ("sep/sep/depthwise_kernel:0", [3, 3, 4, 1]), ("sep/pointwise_kernel", [1, 1, 4, 5]),
      ("conv2d_7/kernel", [1, 1, 4, 5]), ("conv2d_8/kernel", [1, 1, 5, 6]),
      ("head/kernel", [6, 7]),
    ]
    var tensors = TensorTable()
    for (name, shape) in table {
      tensors[name] = Tensor(shape, (0..<shape.count).map { Float($0) })
    }
    let folder = TemporaryFolder()
    try Safetensors.write(tensors, to: folder.path + "/w.safetensors")
    let file = try WeightsFile(path: folder.path + "/w.safetensors")
    let match = WeightMatch(
      variables: [
        ("stem.weight", [4, 2, 3, 3]), ("stem_bn.weight", [4]), ("stem_bn.running_mean", [4]),
        ("block.sep.depthwise.weight", [4, 1, 3, 3]), ("block.sep.pointwise.weight", [5, 4, 1, 1]),
        ("block.downsample.0.weight", [5, 4, 1, 1]), ("block2.downsample.0.weight", [6, 5, 1, 1]),
        ("head.weight", [7, 6]),
      ], tensors: file.entries)
    #expect(match.isComplete, "\(match.missingKeys) \(match.shapeMismatches)")
    #expect(
      match.pairs.map(\.reason) == [.name, .name, .name, .name, .name, .shape, .shape, .name])
    let values = try match.values(from: file)
    let stem = try #require(values["stem.weight"]).scalars
    // out 1, in 1, row 2, column 0 lies at ((2 · 3 + 0) · 2 + 1) · 4 + 1.
    #expect(stem[((1 * 2 + 1) * 3 + 2) * 3] == 53)
    // Channel 3, row 1, column 2 lies at (1 · 3 + 2) · 4 + 3.
    #expect(try #require(values["block.sep.depthwise.weight"]).scalars[3 * 9 + 5] == 23)
    // out 4, in 2 of 1 × 1 lies at 2 · 5 + 4; of a matrix out 3, in 5 at 5 · 7 + 3.
    #expect(try #require(values["block.sep.pointwise.weight"]).scalars[4 * 4 + 2] == 14)
    #expect(try #require(values["head.weight"]).scalars[3 * 6 + 5] == 38)
  }
}
