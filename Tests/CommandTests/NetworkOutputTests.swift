import Foundation
import Images
import TestSupport
import Testing

/// What `vision` says of networks from elsewhere whose outputs mean different things.
struct NetworkOutputTests {
  let work: Workspace
  /// The mean red, green and blue of the image that is classified, 0…1.
  static let color: [Float] = [51, 204, 102].map { $0 / 255 }

  init() throws {
    work = try Workspace()
    try work.write(flat([51, 204, 102]), to: "p.png")
  }

  /// The means of the three channels, twice as large: three scores.
  private func file(
    _ batch: Int = 0, element: Int = 1, _ tail: (inout FileBuilder) -> Void
  ) throws -> FileBuilder {
    var file = FileBuilder()
    file.input("x", [batch, 3, 8, 8], element: element)
    if element == 1 {
      file.node("GlobalAveragePool", ["x"], ["p"])
    } else {
      file.node("Cast", ["x"], ["f"], [FileBuilder.integer("to", 1)])
      file.node("GlobalAveragePool", ["f"], ["p"])
    }
    file.node("Flatten", ["p"], ["f1"])
    file.weight("w", [3, 3], [2, 0, 0, 0, 2, 0, 0, 0, 2])
    file.node("MatMul", ["f1", "w"], ["z"])
    tail(&file)
    return file
  }

  private func classify(
    _ file: FileBuilder, _ options: String = "--preprocess unit --top 3"
  ) throws -> Outcome {
    try work.write(Data(file.bytes), to: "net.onnx")
    return try work.shell("\"$VISION\" classify p.png --model net.onnx --json \(options)")
  }

  /// Probabilities by label.
  private func probabilities(_ outcome: Outcome) throws -> [String: Double] {
    struct Answer: Decodable {
      struct Candidate: Decodable { let label: String, probability: Double }
      let top: [Candidate]
    }
    let answers = try JSONDecoder().decode([Answer].self, from: outcome.outputBytes)
    return Dictionary(
      uniqueKeysWithValues: try #require(answers.first, "\(outcome.error)").top.map {
        ($0.label, $0.probability)
      })
  }

  private func expect(
    _ outcome: Outcome, _ right: [Double], _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try probabilities(outcome)
    for (index, value) in right.enumerated() {
      let probability = found["class_\(index)"] ?? -1
      #expect(abs(probability - value) < 2e-6, comment, sourceLocation: sourceLocation)
    }
  }

  static let scores = color.map { Double(2 * $0) }
  static let softmax = {
    let powers = scores.map { exp($0) }
    return powers.map { $0 / powers.reduce(0, +) }
  }()
  static let sigmoids = scores.map { 1 / (1 + exp(-$0)) }

  @Test func aSoftmaxIsTakenOnce() throws {
    try expect(
      classify(
        file {
          $0.node("Identity", ["z"], ["y"])
          $0.output("y", [0, 3])
        }), Self.softmax)
    for last in ["Cast", "Flatten", "Dropout", "Identity"] {
      let file = try file {
        $0.node("Softmax", ["z"], ["s"])
        $0.node(last, ["s"], ["y"], last == "Cast" ? [FileBuilder.integer("to", 1)] : [])
        $0.output("y", [0, 3])
      }
      try expect(classify(file), Self.softmax, "\(last)")
    }
    let mean = try file {
      $0.weight("half", [], [0.5])
      $0.node("Mul", ["z", "half"], ["z2"])
      $0.node("Softmax", ["z"], ["s"])
      $0.node("Softmax", ["z2"], ["s2"])
      $0.node("Add", ["s", "s2"], ["t"])
      $0.node("Mul", ["t", "half"], ["y"])
      $0.output("y", [0, 3])
    }
    let powers = Self.scores.map { exp($0 / 2) }
    let other = powers.map { $0 / powers.reduce(0, +) }
    try expect(classify(mean), zip(Self.softmax, other).map { ($0 + $1) / 2 })
    let logarithm = try file {
      $0.node("LogSoftmax", ["z"], ["y"])
      $0.output("y", [0, 3])
    }
    try expect(classify(logarithm), Self.softmax)
  }

  @Test func aSigmoidIsTwoClasses() throws {
    let file = try file {
      $0.weight("v", [3, 1], [1, 0, 0])
      $0.node("MatMul", ["z", "v"], ["one"])
      $0.node("Sigmoid", ["one"], ["y"])
      $0.output("y", [0, 1])
    }
    try expect(
      classify(file, "--preprocess unit --top 2"), [1 - Self.sigmoids[0], Self.sigmoids[0]])
  }

  @Test func severalLabelsMayHold() throws {
    let file = try file {
      $0.node("Sigmoid", ["z"], ["y"])
      $0.output("y", [0, 3])
    }
    try expect(classify(file), Self.sigmoids)
    // 0.599, 0.832, 0.690
    let held = try classify(file, "--preprocess unit --threshold 0.65")
    #expect(Set(try probabilities(held).keys) == ["class_1", "class_2"])
    #expect(held.output.contains("\"labels\""))
    let none = try classify(file, "--preprocess unit --threshold 0.9")
    #expect(none.output.contains("\"answer\":\"unknown\""), "\(none.output)")
  }

  @Test func whatSaysNothingOfClassesIsRefused() throws {
    let tails: [(String, (inout FileBuilder) -> Void)] = [
      (
        "one number of an element",
        {
          $0.node("ReduceSum", ["z"], ["y"])
          $0.output("y", [0, 1])
        }
      ),
      (
        "features",
        {
          $0.node("LpNormalization", ["z"], ["y"])
          $0.output("y", [0, 3])
        }
      ),
      (
        "not scores of classes",
        {
          $0.node("Relu", ["x"], ["y"])
          $0.output("y", [0, 3, 8, 8])
        }
      ),
      (
        "whole numbers",
        {
          $0.node("ArgMax", ["z"], ["y"], [FileBuilder.integer("axis", 1)])
          $0.output("y", [0, 1], element: 7)
        }
      ),
    ]
    for (says, tail) in tails {
      let outcome = try classify(file { tail(&$0) })
      #expect(outcome.status == 2 && outcome.errorLines.count == 1, "\(says)")
      #expect(outcome.error.contains(says), "\(outcome.error)")
    }
  }

  @Test func unusualShapesAndOutputs() throws {
    let last = try file(1) {
      $0.integers("shape", [1, 1, 1, 3])
      $0.node("Reshape", ["z", "shape"], ["y"])
      $0.output("y", [1, 1, 1, 3])
    }
    try expect(classify(last), Self.softmax)
    let batch = try file(4) {
      $0.node("Softmax", ["z"], ["y"])
      $0.output("y", [4, 3])
    }
    try expect(classify(batch), Self.softmax)
    let several = try file {
      $0.node("Sigmoid", ["z"], ["side"])
      $0.node("Identity", ["z"], ["y"])
      $0.output("y", [0, 3])
      $0.output("side", [0, 3])
    }
    try expect(classify(several, "--preprocess unit --top 3 --output y"), Self.softmax)
    try expect(classify(several, "--preprocess unit --top 3 --output side"), Self.sigmoids)
    let other = try classify(several, "--preprocess unit --output none")
    #expect(other.status == 2 && other.error.contains("it has y, side"), "\(other.error)")
  }

  @Test func bytesGoInAsBytes() throws {
    let file = try file(0, element: 2) {
      $0.weight("part", [], [1 / 255])
      $0.node("Mul", ["z", "part"], ["y"])
      $0.output("y", [0, 3])
    }
    try expect(classify(file, "--top 3"), Self.softmax)
    let other = try classify(file, "--preprocess unit")
    #expect(other.status == 2 && other.error.contains("--preprocess bytes"), "\(other.error)")
  }

  @Test func weightsThatAreNoNumbersAreNamed() throws {
    var file = try file {
      $0.node("Clip", ["z2", "low", "high"], ["y"])
      $0.output("y", [0, 3])
    }
    file.weight("low", [], [-9])
    file.weight("high", [], [9])
    file.weight("broken", [3, 3], [.nan, 0, 0, 0, 2, 0, 0, 0, 2])
    file.node("MatMul", ["f1", "broken"], ["z2"])
    let outcome = try classify(file)
    #expect(outcome.status == 1 && outcome.errorLines.count == 2, "\(outcome.error)")
    // The last layer is called the head, as by `summary`.
    #expect(
      outcome.errorLines.first
        == "vision: net.onnx: warning: its weights head.weight hold numbers that are not finite")
    #expect(outcome.error.contains("p.png: the network's answer is not a number"))
    let evaluated = try work.shell(
      "\"$VISION\" explain p.png --model net.onnx --preprocess unit -o o")
    #expect(evaluated.status == 2 && !work.exists("o"), "\(evaluated.error)")
  }

  @Test func otherFilesAreNamed() throws {
    let files: [(Data, String)] = [
      (Data([0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [0, 0, 0, 0]), "HDF5"),
      (Data([0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0, 0]), "TensorFlow Lite"),
      (
        Data("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8),
        "git lfs pull"
      ),
      (Data("<!DOCTYPE html><html></html>".utf8), "web page"),
      (Data([0x50, 0x4B, 3, 4, 0]), "PyTorch"), (Data(), "empty"),
    ]
    for (bytes, says) in files {
      for name in ["m.safetensors", "m.onnx", "m.pt"] {
        try work.write(bytes, to: name)
        for command in [
          "classify p.png --model", "evaluate . --model", "summary", "export -o o.onnx",
        ] {
          let outcome = try work.shell("\"$VISION\" \(command) \(name)")
          #expect(outcome.status == 2 && outcome.errorLines.count == 1, "\(command) \(name)")
          #expect(outcome.error.contains(says), "\(command) \(name): \(outcome.error)")
        }
      }
    }
  }

  @Test func labelFiles() throws {
    let file = try file {
      $0.node("Softmax", ["z"], ["y"])
      $0.output("y", [0, 3])
    }
    try work.write(Data([0xEF, 0xBB, 0xBF] + Array("red\ngreen\nblue\n".utf8)), to: "bom.txt")
    let marked = try classify(file, "--preprocess unit --top 3 --labels bom.txt")
    #expect(try probabilities(marked).keys.sorted() == ["blue", "green", "red"])
    try work.write(Data(Array("red\ngr".utf8) + [0xFC] + Array("n\nblue\n".utf8)), to: "latin.txt")
    let latin = try classify(file, "--preprocess unit --labels latin.txt")
    #expect(latin.status == 2 && latin.error.contains("line 2 is not UTF-8"), "\(latin.error)")
    try work.write("red\nred\nblue\n", to: "twice.txt")
    let twice = try classify(file, "--preprocess unit --labels twice.txt")
    #expect(
      twice.status == 0 && twice.error.contains("lines 1 and 2 are both \"red\""), "\(twice.error)")
    try work.write("red\nblue\n", to: "few.txt")
    try work.write("\n\n", to: "none.txt")
    let none = try classify(file, "--preprocess unit --labels none.txt")
    #expect(none.status == 2 && none.error == "vision: --labels none.txt: holds no labels\n")
    try work.write(Data([0xFF, 0xFE, 0x61, 0, 0x0A, 0]), to: "wide.txt")
    let wide = try classify(file, "--preprocess unit --labels wide.txt")
    #expect(wide.status == 2 && wide.error.contains("line 1 is not UTF-8"))
    #expect(wide.error.contains("iconv -f utf-16 "))
    let few = try classify(file, "--preprocess unit --labels few.txt")
    #expect(few.status == 2 && few.error.contains("2 labels for a network of 3 classes"))
  }
}
