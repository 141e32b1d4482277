import Foundation
import Images
import Testing

/// The models that ship, asked through the real binary.
@Suite struct ShippedModelTests {
  /// The catalog is found from the binary's own place in the checkout.
  @Test func theModelsThatShipAreListed() throws {
    let outcome = try Workspace().vision("models")
    #expect(outcome.status == 0)
    for name in ["digits", "faces", "fashion", "objects", "things"] {
      #expect(outcome.lines.contains { $0.hasPrefix("\(name) ") })
    }
  }

  @Test func thePlainCommandClassifies() throws {
    let workspace = try Workspace()
    try workspace.write(picture(width: 40, height: 30), to: "a.png")
    let outcome = try workspace.vision("classify", "a.png", "--json")
    #expect(outcome.status == 0)
    let results = try JSONDecoder().decode([Result].self, from: outcome.outputBytes)
    let result = try #require(results.first)
    #expect(results.count == 1 && result.top.count == 3)
    #expect([result.label, result.group, "unknown"].contains(result.answer))
    #expect(result.top[0].label == result.label && result.top[0].probability == result.probability)
    #expect(result.groupProbability >= result.probability - 1e-6)
  }

  private struct Result: Decodable {
    struct Candidate: Decodable {
      let label: String
      let probability: Double
    }
    let label: String
    let probability: Double
    let group: String
    let groupProbability: Double
    let answer: String
    let top: [Candidate]

    private enum CodingKeys: String, CodingKey {
      case label, probability, group, answer, top
      case groupProbability = "group_probability"
    }
  }

  /// What is no photograph of anything is not called something.
  @Test func whatIsNoPhotographIsUnknown() throws {
    let workspace = try Workspace()
    for (number, color) in [[250, 250, 250], [90, 40, 160], [10, 10, 10]].enumerated() {
      try workspace.write(
        flat(color.map(UInt8.init), width: 300, height: 200), to: "in/\(number).png")
    }
    let outcome = try workspace.vision("classify", "in", "--csv")
    #expect(outcome.lines.count == 4)
    for line in outcome.lines.dropFirst() {
      #expect(
        line.split(separator: ",", omittingEmptySubsequences: false)[5] == "unknown", "\(line)")
    }
  }

  /// The digits that our own code drew are read right; the first character of a file's name says which.
  @Test func theSampleDigitsAreRead() throws {
    let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../samples/digits").standardizedFileURL.path
    let outcome = try Workspace().vision("classify", samples, "--model", "digits", "--csv")
    #expect(outcome.status == 0 && outcome.lines.count == 21)
    for line in outcome.lines.dropFirst() {
      let fields = line.dropFirst(samples.count + 1).split(separator: ",")
      #expect(fields[0].first == fields[1].first, "\(line)")
    }
  }
}
