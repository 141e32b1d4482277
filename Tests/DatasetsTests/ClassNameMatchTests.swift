import Datasets
import Testing

@Suite struct ClassNameMatchTests {
  private let labels = ["n01440764 tench, Tinca tinca", "n01443537 goldfish", "n01484850"]

  @Test func namesOfWordNet() {
    #expect(
      ClassNameMatch.names(["n01443537", "n01484850", "n01440764_tench"], among: labels)
        == [labels[1], labels[2], labels[0]])
    // No id, another id, a longer one.
    let others = ["goldfish", "n99999999", "n014435370"]
    #expect(ClassNameMatch.names(others, among: labels) == others)
  }

  @Test func numbersOfOutputs() {
    #expect(ClassNameMatch.names(["2", "0"], among: labels) == [labels[2], labels[0]])
    #expect(ClassNameMatch.names(["3", "0"], among: labels) == ["3", "0"])
    // A model whose classes are numbers means those.
    #expect(ClassNameMatch.names(["1", "2"], among: ["2", "1", "0"]) == ["1", "2"])
  }

  @Test func namesThatTheModelHas() {
    #expect(ClassNameMatch.names(["b", "a"], among: ["a", "b"]) == ["b", "a"])
  }
}
