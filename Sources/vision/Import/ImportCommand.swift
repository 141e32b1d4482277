import ArgumentParser
import FoundationEssentials
import Inference
import ModelFiles
import Models
import Networks

/// `vision import`: makes a model file of weights that were trained elsewhere.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a model of weights that were trained elsewhere.",
    discussion: """
      WEIGHTS is a safetensors file, or a PyTorch file (.pt, .pth, .th) that holds a state \
      dictionary, alone or in a checkpoint. Of a pickle only tensors are read; nothing in it is run.

      Tensors are matched with those of the architecture by name (a common beginning such as \
      "module." is taken off), then by shape where only one fits. The number of classes is that of \
      the weights. What goes into the network no file of weights says: give size, mean and \
      deviation as in training.

      Examples:
        vision import net.pth --model resnet20 --labels names.txt -o net.safetensors
        vision import mnist.pt --model burn-mnist --mean 0.1307 -o digits.safetensors
        vision import a.pth --model resnet18 --preprocess imagenet -o net.safetensors
      """)

  @Argument(help: "The weights.", completion: .file())
  var weights: String

  @Option(
    help: ArgumentHelp(
      """
      The architecture: a name that 'vision summary' knows, a model file of the same architecture, \
      or a JSON description as 'vision summary NAME --architecture' prints.
      """, valueName: "name|file"), completion: .network)
  var model: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The model file to write.", valueName: "file"),
    completion: .file())
  var output: String

  @OptionGroup(title: "Labels and input") var preparationOptions: PreparationOptions

  @Option(help: "How pictures of another shape are brought to the input: crop or stretch.")
  var fit: Preprocessing.ResizeMode = .centerCrop

  @Option(
    help: ArgumentHelp(
      "Write NEW where names of the file begin with OLD; may be given several times.",
      valueName: "old=new"))
  var map: [Rename] = []

  @Flag(help: "Take tensors that names and shapes don't tell apart in the file's order.")
  var inOrder = false

  @OptionGroup(title: "Model card") var cardOptions: CardOptions

  @Option(help: "Numbers that the model file holds: fp32, fp16 or bf16.")
  var storedPrecision: StoredPrecision = .float32

  @Flag(help: "Print a JSON object: matched, left over, input.")
  var json = false

  func validate() throws {
    if output == "-" { throw ValidationError("-o -: a model file needs a name; give one") }
  }

  func run() throws {
    let architecturePath = Models.entry(model) == nil ? try? ModelCatalog().path(for: model) : nil
    try RunInputs(
      arguments: weights, architecturePath, preparationOptions.labels, cardOptions.card
    ).requireNone(at: FilePath(argument: output), option: "-o")
    let metadata = try preparationOptions.metadata()
    do throws(InferenceError) {
      let found = try WeightImport(
        path: weights,
        options: WeightImport.Options(
          architecture: try architecture(), size: preparationOptions.size,
          channels: channels, classes: metadata.classNames?.count,
          renames: map.map { ($0.old, $0.new) }, inOrder: inOrder))
      let file = try found.modelFile(card: try card(of: found, metadata))
      do throws(ModelFileError) { try file.write(to: output, precision: storedPrecision) } catch {
        throw .file(path: output, problem: "\(error)")
      }
      let report = ImportReport(found, weights: weights, output: output)
      StandardStream.output.write(json ? try encodeReport(report) + "\n" : report.text)
    } catch {
      switch error {
      case .invalid(let problem): throw RunError.usage(problem)
      default: throw RunError.stopped("\(error)")
      }
    }
  }

  private func encodeReport(_ report: ImportReport) throws(InferenceError) -> String {
    do { return try encodeJSON(object: report) } catch { throw .invalid(error.message) }
  }

  /// Three where a list of three numbers says so.
  private var channels: Int? {
    let samples = preparationOptions.samples
    return [samples.mean, samples.std].contains { $0?.numbers.count == 3 } ? 3 : nil
  }

  private func architecture() throws(InferenceError) -> WeightImport.Architecture {
    if Models.entry(model) != nil { return .named(model) }
    do {
      let path = try ModelCatalog().path(for: model)
      if let file = try? ModelFile(path: path) {
        return .described(try Network(json: file.architecture))
      }
      let text = String(
        decoding: try readFile(FilePath(argument: path)), as: UTF8.self)
      return .described(try Network(json: text))
    } catch let error as NetworkError {
      throw .file(path: model, problem: "\(error)")
    } catch let error as ReadingError {
      throw .file(path: model, problem: error.reason)
    } catch {
      throw .network(
        "there is no architecture or file \(model); known architectures are "
          + Models.all.map(\.name).joined(separator: ", "))
    }
  }

  private func card(
    of found: WeightImport, _ metadata: ModelMetadata
  ) throws(InferenceError) -> ModelCard {
    let shape = found.network.inputShape
    guard shape.rank == 3, found.classCount > 0 else {
      throw .invalid("\(model) is not an image classifier")
    }
    let stem = output.split(separator: "/").last.map(String.init) ?? output
    var card: ModelCard
    do throws(RunError) {
      card = try cardOptions.modelCard(
        data: stem.hasSuffix(".safetensors") ? String(stem.dropLast(12)) : stem, seed: 0)
    } catch { throw .invalid(error.message) }
    card.classNames = (0..<found.classCount).map { "class_\($0)" }
    metadata.apply(to: &card)
    var overrides = preparationOptions.overrides
    overrides.resizeMode = fit
    do throws(ModelFileError) {
      card.preprocessing =
        try overrides.merging(PreprocessingOverrides(mean: [0], std: [1]))
        .resolved(height: shape[0], width: shape[1], channels: shape[2])
    } catch { throw .invalid("\(error)") }
    return card
  }
}

extension Preprocessing.ResizeMode: ExpressibleByArgument {}
