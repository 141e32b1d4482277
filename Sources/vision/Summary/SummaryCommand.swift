import ArgumentParser
import Figures
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors

/// `vision summary`: the size of a network.
struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Shows a network layer by layer.",
    usage: "vision summary <name|file> [<options>]",
    discussion: """
      Lists each layer's output shape (height × width × channels), parameter count and multiply-adds \
      (convolution and dense layers only).

      Architectures: \(architectures).

      Examples:
        vision summary small-cnn
        vision summary resnet18 --input 32x32x3 --classes 10
        vision summary objects
        vision summary run/best.safetensors --json
        vision summary resnet50 --figure resnet50.png
        vision summary --activation relu,elu,gelu --figure curves.png
      """)

  private static let architectures = Models.all.map(\.name).joined(separator: ", ")

  @Argument(
    help: ArgumentHelp(
      "Architecture, bundled model, model file or ONNX file.",
      valueName: "name|file"), completion: .network)
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Input shape, for architectures.", valueName: "HxWxC"))
  var input: InputShape?

  @Option(help: ArgumentHelp("Number of classes, for architectures.", valueName: "n"))
  var classes: Int?

  @Flag(help: "Print a JSON object.")
  var json = false

  @Flag(help: "Print only the architecture as JSON, for 'vision import --model'.")
  var architecture = false

  @Option(
    help: ArgumentHelp(
      "Draw the network as boxes with their shapes (PNG or JPEG).", valueName: "file"),
    completion: .file())
  var figure: String?

  @Option(
    help: ArgumentHelp(
      "Draw these activations and their derivatives in --figure instead of a network.",
      valueName: "a,b,c"), completion: .list(Activation.all.map(\.name)))
  var activation: ActivationList?

  func validate() throws {
    if activation != nil, figure == nil {
      throw ValidationError("--activation draws curves: say where to with --figure")
    }
    if (name == nil) == (activation == nil) {
      throw ValidationError(
        name == nil
          ? "missing network: name one, or give --activation" : "--activation takes no network")
    }
  }

  func run() throws {
    if let activation {
      return try draw { () throws(FigureError) in
        try ActivationFigure.rendered(activation.activations)
      }
    }
    guard let name else { return }
    let (network, card) = try described(name)
    if architecture {
      do { return StandardStream.output.write(try network.json() + "\n") } catch {
        throw RunError.aborted("\(name): \(error)")
      }
    }
    let summary: Summary
    do { summary = try network.summary() } catch {
      throw card == nil
        ? RunError.usage("\(name): \(error)") : RunError.aborted("\(name): \(error)")
    }
    if figure != nil {
      try draw { () throws(FigureError) in try network.diagram(title: name, summary).rendered() }
    }
    if json {
      StandardStream.output.write(
        try encodeJSON(object: SummaryReport(name: name, summary, card)) + "\n")
    } else {
      StandardStream.output.write(summary.table)
      if let card { StandardStream.output.write("\n" + card.text) }
    }
  }

  private func draw(_ render: () throws(FigureError) -> Image) throws {
    guard let figure else { return }
    let output = try ImageOutput(
      FilePath(argument: figure), option: "--figure", otherUse: "the summary")
    let image: Image
    do { image = try render() } catch { throw RunError.aborted("--figure \(figure): \(error)") }
    try output.write(image)
  }

  /// The network of the name, and the card where it comes from a model file.
  private func described(_ name: String) throws(RunError) -> (Network, ModelCard?) {
    if let entry = Models.entry(name) {
      do { return (try entry.network(classes: classes, input: input?.shape), nil) } catch {
        throw .usage("\(error)")
      }
    }
    guard classes == nil, input == nil || input?.shape.rank == 3 && name.hasSuffix(".onnx") else {
      throw .usage(
        "--input and --classes require an architecture, not \(name); available: "
          + Self.architectures)
    }
    let path: String
    do { path = try ModelCatalog().path(for: name) } catch {
      throw .aborted(
        "no such architecture, model or file \(name); architectures: "
          + Self.architectures)
    }
    do throws(InferenceError) {
      let model = try LoadedModel(
        path: path,
        preprocessing: PreprocessingOverrides(
          width: input?.shape[1], height: input?.shape[0]),
        needsWeights: false)
      return (model.network, model.card)
    } catch { throw .aborted(advised(error)) }
  }
}
