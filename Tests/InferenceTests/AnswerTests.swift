import Glibc
import Inference
import ModelFiles
import Testing

/// Five labels in three groups: what is answered at which probabilities.
@Suite struct AnswerTests {
  static let labels = ["poodle", "collie", "espresso", "tea", "background"]

  static func groups() throws -> LabelGroups {
    try LabelGroups(
      [
        LabelGroup(name: "drink", labels: ["tea", "espresso"]),
        LabelGroup(name: "dog", labels: ["poodle", "collie"]),
        LabelGroup(name: "background", labels: ["background"]),
      ], labels: labels)
  }

  /// A classification whose probabilities are the given ones, which add up to 1.
  private func classification(
    _ probabilities: [Double], grouped: Bool = true
  ) throws -> Classification {
    let logits = probabilities.map { Float(log($0)) }
    return try logits.withUnsafeBufferPointer {
      try Classification(
        logits: $0, labels: Self.labels, count: 2, groups: grouped ? Self.groups() : nil)
    }
  }

  @Test func aGroupHasTheSumOfItsLabels() throws {
    let result = try classification([0.48, 0.43, 0.05, 0.03, 0.01])
    let group = try #require(result.group)
    #expect(group.label == "dog" && group.index == 1)
    #expect(abs(group.probability - 0.91) < 1e-6)
    #expect(try classification([0.48, 0.43, 0.05, 0.03, 0.01], grouped: false).group == nil)
  }

  @Test(arguments: [
    // A label of a half and more is the answer, whatever the groups are.
    ([0.52, 0.02, 0.23, 0.22, 0.01], 0.3, "poodle", 0.52),
    ([0.5001, 0.0, 0.3, 0.1999, 0.0], 0.3, "poodle", 0.5001),
    ([0.48, 0.43, 0.05, 0.03, 0.01], 0.3, "dog", 0.91),
    // The likeliest label need not be of the likeliest group.
    ([0.4, 0.0, 0.25, 0.34, 0.01], 0.3, "drink", 0.59),
    ([0.2, 0.2, 0.2, 0.19, 0.21], 0.41, "unknown", 0.4),
    ([0.2, 0.2, 0.2, 0.19, 0.21], 0.39, "dog", 0.4),
    // A higher threshold holds for labels, too.
    ([0.7, 0.05, 0.15, 0.05, 0.05], 0.9, "unknown", 0.75),
    // The background is no answer.
    ([0.1, 0.1, 0.1, 0.1, 0.6], 0.3, "unknown", 0.6),
    ([0.14, 0.14, 0.15, 0.12, 0.45], 0.3, "unknown", 0.45),
    ([0.1, 0.1, 0.1, 0.1, 0.6], 0, "background", 0.6),
  ])
  func theAnswer(
    probabilities: [Double], threshold: Double, name: String, probability: Double
  ) throws {
    let answer = try classification(probabilities.map { max($0, 1e-9) }).answer(
      threshold: threshold)
    #expect(answer.name == name)
    #expect(abs(answer.probability - probability) < 1e-5)
    #expect(answer.isUnknown == (name == "unknown"))
  }

  @Test func withoutGroupsTheThresholdIsForTheLabel() throws {
    let result = try classification([0.4, 0.3, 0.1, 0.1, 0.1], grouped: false)
    #expect(result.answer(threshold: 0).name == "poodle")
    #expect(result.answer(threshold: 0.41).isUnknown)
  }

  @Test(arguments: [
    ([("a", ["x"])], "the label y is in no group"),
    ([("a", ["x", "y"]), ("b", ["x"])], "the label x is in two groups"),
    ([("a", ["x", "y", "z"])], "a group holds z, which is no label of the classifier"),
    ([("a", ["x"]), ("a", ["y"])], "two groups of labels have the same name"),
  ])
  func groupsThatDoNotFit(groups: [(String, [String])], message: String) {
    #expect(throws: ModelFileError.incomplete(message)) {
      try LabelGroups(groups.map { LabelGroup(name: $0.0, labels: $0.1) }, labels: ["x", "y"])
    }
  }
}
