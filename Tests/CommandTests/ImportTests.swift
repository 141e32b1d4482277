import Foundation
import Images
import ModelFiles
import TestSupport
import Testing

/// `vision import` with weights whose answers are known.
struct ImportTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    let model = try ColorClassifier.file()
    try Safetensors.write(
      model.tensors, metadata: ["origin": "elsewhere"], to: work.url("weights.bin").path)
    try work.write(model.architecture, to: "net.json")
    try work.write("red\nblue\n", to: "labels.txt")
  }

  @Test func whatIsImportedClassifies() throws {
    let outcome = try work.vision(
      "import", "weights.bin", "--model", "net.json", "--labels", "labels.txt", "-o",
      "net.safetensors")
    #expect(outcome.error == "" && outcome.status == 0)
    #expect(
      outcome.lines == [
        "2 classes, input 8×8×3", "4 of 4 tensors matched by name", "model: net.safetensors",
      ])
    let metadata = try Safetensors(path: work.url("net.safetensors").path).metadata
    #expect(metadata["origin"] == "elsewhere")
    try work.write(flat([255, 0, 0]), to: "red.png")
    let labels = try work.vision("classify", "--model", "net.safetensors", "red.png")
    #expect(labels.output == "red.png  red    98.2 %\n")
    let summary = try work.vision("summary", "net.safetensors")
    #expect(summary.output.contains("vision import weights.bin --model net.json"))
    // A model file says its architecture itself, and summary prints it.
    let again = try work.vision(
      "import", "weights.bin", "--model", "net.safetensors", "--mean", "0.5", "--std",
      "0.1,0.2,0.3", "-o", "again.safetensors", "--json")
    let report = try JSONSerialization.jsonObject(with: again.outputBytes) as? [String: Any]
    #expect((report?["matched"] as? [Any])?.count == 4)
    #expect((report?["unexpectedKeys"] as? [Any])?.isEmpty == true)
    let card = try ModelFile.card(path: work.url("again.safetensors").path)
    #expect(card.classNames == ["class_0", "class_1"])
    #expect(
      card.preprocessing?.mean == [0.5, 0.5, 0.5] && card.preprocessing?.std == [0.1, 0.2, 0.3])
    let architecture = try work.vision("summary", "net.safetensors", "--architecture")
    #expect(architecture.output == (try ColorClassifier.network.json() + "\n"))
  }

  @Test func whatDoesNotFitIsSaidInOneLine() throws {
    let cases: [(arguments: [String], status: Int32, says: String)] = [
      (["none.pt", "--model", "net.json"], 2, "none.pt: cannot open"),
      (["weights.bin", "--model", "resnet999"], 2, "there is no architecture or file resnet999"),
      (["weights.bin", "--model", "labels.txt"], 2, "labels.txt"),
      (["weights.bin", "--model", "lenet5"], 64, "cannot infer the number of classes"),
      (["net.json", "--model", "net.json"], 2, "this is JSON"),
      (["weights.bin", "--model", "net.json", "--std", "0"], 64, "--std"),
      (["weights.bin", "--model", "net.json", "--mean", "1,2"], 64, "--mean"),
      (["weights.bin", "--model", "net.json", "--rename", "a"], 64, "--rename"),
      (["weights.bin", "--model", "net.json", "--size", "0"], 64, "--size"),
    ]
    for (arguments, status, says) in cases {
      let outcome = try work.vision(arguments: ["import"] + arguments + ["-o", "out.safetensors"])
      #expect(outcome.status == status, "\(arguments): \(outcome.error)")
      #expect(outcome.errorLines.count == 1 && outcome.error.contains(says), "\(outcome.error)")
      #expect(!work.exists("out.safetensors"))
    }
    try work.write("one\ntwo\nthree\n", to: "labels.txt")
    let labels = try work.vision(
      "import", "weights.bin", "--model", "net.json", "--labels", "labels.txt", "-o", "o")
    #expect(labels.status == 64 && labels.error.contains("3 labels for weights of 2 classes"))
  }
}
