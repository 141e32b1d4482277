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
    abstract: "Imports weights from safetensors or PyTorch files.",
    discussion: """
      WEIGHTS is a safetensors file or a PyTorch file (.pt, .pth, .th) with a state dict, alone or in \
      a checkpoint. Pickles are parsed for tensors only; no code is executed.

      Tensors are matched by name (a common prefix such as "module." is removed), then by shape where \
      that is unambiguous. Weight files do not record preprocessing: pass the size, mean and std used \
      in training.

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
      Architecture: a name from 'vision summary --help', a model file of the same architecture, or \
      JSON from 'vision summary NAME --architecture'.
      """, valueName: "name|file"), completion: .network)
  var model: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The model file to write.", valueName: "file"),
    completion: .file())
  var output: String

  @OptionGroup(title: "Labels and preprocessing") var preprocessingOptions: PreprocessingOptions

  @Option(
    help: ArgumentHelp(
      "Replace the prefix OLD of tensor names with NEW (repeatable).",
      valueName: "old=new"))
  var rename: [Rename] = []

  @Option(
    help: ArgumentHelp(
      "Key of the state dict in a checkpoint that holds several (default: EMA weights).",
      valueName: "name"))
  var part: String?

  @Flag(help: "Match remaining tensors by their order in the file.")
  var matchByOrder = false

  @OptionGroup(title: "Model card") var cardOptions: CardOptions

  @Option(help: ArgumentHelp("Data type of the stored weights.", valueName: "type"))
  var storedPrecision: StoredPrecision = .float32

  @Flag(help: "Print a JSON object: matched tensors, unused tensors and input shape.")
  var json = false

  func validate() throws {
    if output == "-" { throw ValidationError("-o -: a model file needs a name; give one") }
  }

  func run() throws {
    let architecturePath = Models.entry(model) == nil ? try? ModelCatalog().path(for: model) : nil
    try RunInputs(
      arguments: weights, architecturePath, preprocessingOptions.labels, cardOptions.card
    ).requireNone(at: FilePath(argument: output), option: "-o")
    let metadata = try preprocessingOptions.metadata()
    do throws(InferenceError) {
      let found = try WeightImport(
        path: weights,
        options: WeightImport.Options(
          architecture: try architecture(), size: preprocessingOptions.side,
          channels: channels, classes: metadata.classNames?.count,
          renamedPrefixes: rename.map { ($0.old, $0.new) }, matchesByOrder: matchByOrder,
          part: part))
      let file = try found.modelFile(card: try card(of: found, metadata))
      do throws(ModelFileError) { try file.write(to: output, precision: storedPrecision) } catch {
        throw .file(path: output, problem: "\(error)")
      }
      let report = ImportReport(found, weights: weights, output: output)
      StandardStream.output.write(json ? try encodeReport(report) + "\n" : report.text)
    } catch {
      switch error {
      case .invalid(let problem): throw RunError.usage(problem)
      default: throw RunError.aborted("\(error)")
      }
    }
  }

  private func encodeReport(_ report: ImportReport) throws(InferenceError) -> String {
    do { return try encodeJSON(object: report) } catch { throw .invalid(error.message) }
  }

  /// Three where a list of three numbers says so.
  private var channels: Int? {
    let samples = preprocessingOptions.samples
    let areColors = [samples.mean, samples.std].contains { $0?.numbers.count == 3 }
    return areColors || samples.channels != nil ? 3 : nil
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
    let overrides = preprocessingOptions.overrides
    let saysSamples = overrides.mean != nil || overrides.std != nil
    let usual = saysSamples ? nil : found.usualPreprocessing
    card.classNames = Labels.assumed(
      count: found.classCount,
      isNormalizedAsImageNet: overrides.mean == Normalization.imagenet.mean || usual != nil)
    metadata.apply(to: &card)
    do throws(ModelFileError) {
      card.preprocessing =
        try overrides.merging(usual).merging(PreprocessingOverrides(mean: [0], std: [1]))
        .resolved(height: shape[0], width: shape[1], channels: shape[2])
    } catch { throw .invalid("\(error)") }
    return card
  }
}
