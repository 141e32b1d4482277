import Foundation
import Images
import Testing

/// The models that ship, asked through the real binary.
@Suite struct ShippedModelTests {
  /// The catalogue is found from the binary's own place in the checkout.
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
}
