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
    let exported = try vision("export colors -o colors.onnx")
    #expect(exported.status == 0, "\(exported.error)")
    #expect(exported.output.hasPrefix("colors.onnx  input 3×"))
    let own = try vision("classify in --model colors --csv")
    let other = try vision("classify in --model colors.onnx --csv")
    #expect(other.status == 0 && own.output == other.output, "\(other.error)")
    #expect(try vision("evaluate --help").output.contains("--preprocess"))
    let summary = try vision("summary colors.onnx")
    #expect(summary.status == 0 && summary.output.contains("red, blue"), "\(summary.error)")
  }

  @Test func probabilitiesAreNoLogits() throws {
    try vision("export colors --softmax -o net.onnx")
    let own = try vision("classify in --model colors --csv")
    #expect(try vision("classify in --model net.onnx --csv").output == own.output)
  }

  @Test func optionsComeBeforeWhatFilesSay() throws {
    try vision("export colors -o net.onnx")
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

  /// Warm colors against cold ones, from a network that knows red and blue.
  private func writeFurtherPictures() throws {
    for number in 0..<8 {
      let shade = UInt8(120 + 15 * number)
      try work.write(flat([shade, 40, 0]), to: "data/warm/\(number).png")
      try work.write(flat([0, 60, shade]), to: "data/cold/\(number).png")
    }
  }

  @Test func furtherClassesAreLearnt() throws {
    try writeFurtherPictures()
    try vision("export colors -o net.onnx")
    let command = "train data --from net.onnx --out run --epochs 2 --validation 0.25 --threads 1"
    let trained = try vision(command)
    #expect(trained.status == 0, "\(trained.error)")
    #expect(
      trained.error.contains("fine-tuning net.onnx, the first layer frozen"), "\(trained.error)")
    #expect(trained.output.contains("val. acc. 100.0 %"), "\(trained.output)")
    let own = try vision("classify in --model run/best.safetensors --csv")
    #expect(own.status == 0 && own.lines.count == 3, "\(own.error)")
    #expect(own.lines[1].contains("warm") && own.lines[2].contains("cold"), "\(own.output)")
    let measured = try vision("evaluate --model run/best.safetensors data")
    #expect(measured.output.hasPrefix("accuracy 100.0 % of 16 images"), "\(measured.error)")
    #expect(try vision("explain in/a-red.png --model run/best.safetensors -o seen").status == 0)
    // And out again.
    #expect(try vision("export run/best.safetensors -o again.onnx").status == 0)
    #expect(try vision("classify in --model again.onnx --csv").output == own.output)
  }

  @Test func whatCannotBeLearntFromIsNamed() throws {
    try writeFurtherPictures()
    try vision("export colors -o net.onnx")
    let size = try vision("train data --from net.onnx --out run --size 999")
    #expect(size.status == 2 && size.error.contains("not of another size"), "\(size.error)")
    let whole = try Data(contentsOf: work.url("net.onnx"))
    try whole.prefix(whole.count / 2).write(to: work.url("cut.onnx"))
    let cut = try vision("train data --from cut.onnx --out run")
    #expect(cut.status == 2 && cut.errorLines.count == 1 && cut.error.contains("cut.onnx"))
    let both = try vision("train data --from net.onnx --out run --preprocess unit --std 2")
    #expect(both.status == 64 && both.errorLines.count == 1)
    let alone = try vision("train data --out run --preprocess unit")
    #expect(alone.status == 64, "\(alone.error)")
    #expect(alone.error.contains("--preprocess, --mean and --std require --from"))
    #expect(!FileManager.default.fileExists(atPath: work.url("run").path))
  }

  @Test func badFiles() throws {
    try vision("export colors -o net.onnx")
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
