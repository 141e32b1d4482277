import Foundation
import Images
import ModelFiles
import Models
import Networks
import Tensors
import Testing

struct SummaryTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func theTableOfTheSmallNetwork() throws {
    let outcome = try work.vision("summary", "small-cnn")
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(
      outcome.output == """
        name      layer            output  parameters  multiply-adds
        ────────────────────────────────────────────────────────────
                  input           28×28×1
        conv1     Conv2D(32, 3)  26×26×32         320        194,688
        pool1     MaxPool2D(2)   13×13×32           0              0
        conv2     Conv2D(64, 3)  11×11×64      18,496      2,230,272
        pool2     MaxPool2D(2)     5×5×64           0              0
        conv3     Conv2D(64, 3)    3×3×64      36,928        331,776
        flatten1  Flatten()           576           0              0
        dense1    Dense(64)            64      36,928         36,864
        dense2    Dense(10)            10         650            640
        ────────────────────────────────────────────────────────────
        total                                  93,322      2,794,240

        """)
  }

  @Test func inputAndClassesAreTaken() throws {
    let outcome = try work.vision("summary", "small-cnn", "--input", "32x32x3", "--json")
    let object = try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any]
    #expect(object?["parameters"] as? Int == 122_570)
    #expect(object?["name"] as? String == "small-cnn")
    #expect(object?["input"] as? [Int] == [32, 32, 3])
    let layers = try #require(object?["layers"] as? [[String: Any]])
    #expect(layers.first?["name"] as? String == "conv1")
    #expect(layers.first?["output"] as? [Int] == [30, 30, 32])

    let classes = try work.vision("summary", "resnet18", "--classes", "3")
    #expect(classes.lines.contains { $0.hasPrefix("fc ") && $0.contains("1,539") })
  }

  /// ResNet-18 is a stem, eight blocks, of which the first two are drawn as one, and a head: one column,
  /// two boxes wide where a block has a projection.
  @Test func theFigureShowsTheNetwork() throws {
    let outcome = try work.vision("summary", "resnet18", "--figure", "net.png")
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(outcome.lines.contains { $0.hasPrefix("total ") })
    let figure = try Image(path: work.url("net.png").path)
    #expect(figure.width == 828 && figure.height == 3116)

    let toOutput = try work.vision("summary", "lenet5", "--figure", "-")
    #expect(toOutput.status == 64)
  }

  @Test func activationsAreDrawnWithTheirDerivatives() throws {
    let outcome = try work.vision(
      "summary", "--activation", "relu,elu", "--figure", "curves.png")
    #expect(outcome.status == 0 && outcome.output == "")
    #expect(try Image(path: work.url("curves.png").path).width == 1520)
    for arguments in [
      ["summary"], ["summary", "--activation", "relu"],
      ["summary", "--activation", "rely", "--figure", "x.png"],
      ["summary", "lenet5", "--activation", "relu", "--figure", "x.png"],
    ] {
      let wrong = try work.vision(arguments: arguments)
      #expect(wrong.status == 64 && wrong.error.split(separator: "\n").count == 1)
    }
  }

  @Test func aModelFileShowsItsCard() throws {
    let network = try Models.named("lenet5")
    let card = ModelCard(
      name: "mine", summary: "digits of my own", classNames: ["0", "1"],
      metrics: ["accuracy": 0.5], evaluatedOn: "ten digits")
    try ModelFile(tensors: TensorTable(), architecture: network.json(), card: card)
      .write(to: work.url("mine.safetensors").path)
    let outcome = try work.vision("summary", "mine.safetensors")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains { $0.hasPrefix("total ") && $0.contains(" 61,706 ") })
    #expect(
      outcome.output.hasSuffix(
        """

        model    mine
                 digits of my own
        classes  0, 1
        metrics  accuracy 50.00 % (ten digits)

        """))
    let options = try work.vision("summary", "mine.safetensors", "--classes", "3")
    #expect(options.status == 64)

    try ModelFile(tensors: TensorTable(), architecture: "{}", card: card)
      .write(to: work.url("bad.safetensors").path)
    let bad = try work.vision("summary", "bad.safetensors")
    #expect(bad.status == 2)
    #expect(
      bad.error == "vision: bad.safetensors: the network's description: input is missing\n")
  }

  @Test(arguments: [
    (["lenet5", "--input", "3x3x1"], 64, "kernel 5×5 does not fit into 1×1×6"),
    (["lenet5", "--input", "28by28"], 64, "'28by28' is invalid for '--input <HxWxC>'"),
    (["lenet5", "--input", "0x28x1"], 64, "is invalid"),
    (["lenet5", "--input", "99999999999999x9999999999999x9"], 64, "lenet5: input "),
    (["lenet5", "--classes", "0"], 64, "lenet5 of 0 classes: expected 1 or more"),
    (["lenet5", "--input", "100"], 64, "expected an image H×W×C, received 100"),
    (["dcgan-generator", "--classes", "2"], 64, "dcgan-generator has no classes"),
    (
      ["nothing"], 2,
      "no such architecture, model or file nothing; architectures: perceptron, mlp, lenet5,"
    ),
    ([], 64, "missing network: name one, or give --activation"),
  ])
  func usage(arguments: [String], status: Int32, message: String) throws {
    let outcome = try work.vision(arguments: ["summary"] + arguments)
    #expect(outcome.status == status)
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.errorLines.count == 1 && outcome.output == "")
  }
}
