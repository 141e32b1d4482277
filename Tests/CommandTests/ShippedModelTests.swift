import Foundation
import Images
import Testing

/// The models that ship, asked through the real binary.
@Suite struct ShippedModelTests {
  /// The catalog is found from the binary's own place in the checkout.
  @Test func theModelsThatShipAreListed() throws {
    let outcome = try Workspace().vision("models")
    #expect(outcome.status == 0)
    for name in ["digits", "faces", "fashion", "objects"] {
      #expect(outcome.lines.contains { $0.hasPrefix("\(name) ") })
    }
  }

  @Test func thePlainCommandClassifies() throws {
    let workspace = try Workspace()
    try workspace.write(picture(width: 40, height: 30), to: "a.png")
    let outcome = try workspace.vision("classify", "a.png", "--json")
    #expect(outcome.status == 0)
    let labels = [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]
    #expect(labels.contains { outcome.output.contains("\"label\":\"\($0)\"") }, "\(outcome.output)")
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
