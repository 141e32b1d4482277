import Foundation
import Images
import TestSupport
import Testing

/// Networks that go out as ONNX and come in again: red or blue.
struct ONNXTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    try work.writeColorClassifier()
    try work.write(flat([255, 0, 0]), to: "in/a-red.png")
    try work.write(flat([0, 0, 255]), to: "in/b-blue.png")
  }

  @discardableResult
  private func vision(_ arguments: String) throws -> Outcome {
    try work.shell("VISION_MODELS=models \"$VISION\" \(arguments)")
  }

  @Test func exportedNetworkAnswersAlike() throws {
    let exported = try vision("export colours -o colours.onnx")
    #expect(exported.status == 0, "\(exported.error)")
    #expect(exported.output.hasPrefix("colours.onnx  input 3×"))
    let own = try vision("classify in --model colours --csv")
    let other = try vision("classify in --model colours.onnx --csv")
    #expect(other.status == 0 && own.output == other.output, "\(other.error)")
    #expect(try vision("evaluate --help").output.contains("--preprocess"))
    let summary = try vision("summary colours.onnx")
    #expect(summary.status == 0 && summary.output.contains("red, blue"), "\(summary.error)")
  }

  @Test func probabilitiesAreNoLogits() throws {
    try vision("export colours --softmax -o net.onnx")
    let own = try vision("classify in --model colours --csv")
    #expect(try vision("classify in --model net.onnx --csv").output == own.output)
  }

  @Test func optionsComeBeforeWhatFilesSay() throws {
    try vision("export colours -o net.onnx")
    try work.write("hot\ncold\n", to: "labels.txt")
    try work.write(#"{"classNames": ["warm", "cool"]}"#, to: "net.json")
    #expect(try vision("classify in/a-red.png --model net.onnx").output.contains("warm"))
    let outcome = try vision("classify in/a-red.png --model net.onnx --labels labels.txt")
    #expect(outcome.output.contains("hot"), "\(outcome.error)")
    try work.write("one\ntwo\nthree\n", to: "labels.txt")
    let wrong = try vision("classify in/a-red.png --model net.onnx --labels labels.txt")
    #expect(wrong.status == 2 && wrong.error.contains("3 labels for a network of 2 classes"))
    try work.write("{", to: "net.json")
    #expect(try vision("classify in/a-red.png --model net.onnx").error.contains("net.json"))
  }

  @Test func badFiles() throws {
    try vision("export colours -o net.onnx")
    let whole = try Data(contentsOf: work.url("net.onnx"))
    for count in [1, 9, whole.count / 3, whole.count - 5] {
      try whole.prefix(count).write(to: work.url("cut.onnx"))
      let outcome = try vision("classify in --model cut.onnx")
      #expect(outcome.status == 2, "\(count) bytes")
      #expect(outcome.errorLines.count == 1 && outcome.error.contains("cut.onnx"))
    }
    let both = try vision("classify in --model net.onnx --preprocess unit --mean 0.5")
    #expect(both.status == 64 && both.errorLines.count == 1)
  }
}
