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
    #expect(match.unexpectedKeys == ["fc.num_batches_tracked", "extra.weight"])
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
}
