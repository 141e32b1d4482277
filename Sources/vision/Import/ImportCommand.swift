import ArgumentParser
import Datasets
import FoundationEssentials
import ModelFiles
import Models
import Networks
import Training

/// `vision import`: makes a model file of weights that were trained elsewhere.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a model of weights that were trained elsewhere: safetensors or PyTorch.",
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
        vision import a.pth --model resnet18 --map encoder.=layer -o net.safetensors
      """)

  @Argument(help: "The weights.", completion: .file())
  var weights: String

  @Option(
    help: ArgumentHelp(
      """
      The architecture: a name that 'vision summary' knows, a model file of the same architecture, \
      or a JSON description as 'vision summary NAME --architecture' prints.
      """, valueName: "name|file"))
  var model: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The model file to write.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "A text file with the classes' names, one a line (default: class_0, class_1, …).",
      valueName: "file"), completion: .file())
  var labels: String?

  @Option(help: ArgumentHelp("Bring pictures to this many pixels a side.", valueName: "n"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "Subtracted from samples 0…1: one number, or one a channel (default: 0).",
      valueName: "m,m,m"))
  var mean: NumberList?

  @Option(
    help: ArgumentHelp(
      "What they are then divided by: one number, or one a channel (default: 1).",
      valueName: "d,d,d"))
  var std: NumberList?

  @Option(help: "How pictures of another shape are brought to the input: crop or stretch.")
  var fit: InputForm.Fit = .crop

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
    if let size, !(1...4_096).contains(size) {
      throw ValidationError("--size \(size): expected 1 to 4096")
    }
    for (name, list) in [("--mean", mean), ("--std", std)] {
      if let list, ![1, 3].contains(list.numbers.count) {
        throw ValidationError("\(name): expected one number or three, separated by commas")
      }
    }
    if let std, std.numbers.contains(0) { throw ValidationError("--std: 0 cannot be divided by") }
  }

  func run() throws {
    let labels = try labels.map(Self.readLabels)
    do throws(TrainingError) {
      let found = try WeightImport(
        path: weights,
        options: WeightImport.Options(
          architecture: try architecture(), size: size, channels: channels,
          classes: labels?.count, renames: map.map { ($0.old, $0.new) }, inOrder: inOrder))
      let file = try found.modelFile(card: try card(of: found, labels: labels))
      do throws(ModelFileError) { try file.write(to: output, precision: storedPrecision) } catch {
        throw .file(path: output, problem: "\(error)")
      }
      let report = ImportReport(found, weights: weights, output: output)
      StandardStream.output.write(json ? try encodeReport(report) + "\n" : report.text)
    } catch {
      switch error {
      case .options(let problem): throw RunError.usage(problem)
      default: throw RunError.stopped("\(error)")
      }
    }
  }

  private func encodeReport(_ report: ImportReport) throws(TrainingError) -> String {
    do { return try encodeJSON(object: report) } catch { throw .options(error.message) }
  }

  /// Three where a list of three numbers says so.
  private var channels: Int? {
    [mean, std].contains { $0?.numbers.count == 3 } ? 3 : nil
  }

  private func architecture() throws(TrainingError) -> WeightImport.Architecture {
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
    } catch let error as RunError {
      throw .options(error.message)
    } catch {
      throw .options(
        "there is no architecture or file \(model); known architectures are "
          + Models.all.map(\.name).joined(separator: ", "))
    }
  }

  private func card(
    of found: WeightImport, labels: [String]?
  ) throws(TrainingError) -> ModelCard {
    let shape = found.network.inputShape
    guard shape.rank == 3, found.classCount > 0 else {
      throw .options("\(model) sorts no pictures into classes")
    }
    let channels = shape[2]
    func perChannel(_ list: NumberList?, _ standard: Float) -> [Float] {
      let numbers = list?.numbers ?? [standard]
      return numbers.count == channels
        ? numbers : Array(repeating: numbers[0], count: channels)
    }
    let stem = (output.split(separator: "/").last.map(String.init) ?? output)
    var card = try cardOptions.modelCard(
      data: stem.hasSuffix(".safetensors") ? String(stem.dropLast(12)) : stem, seed: 0)
    card.classNames = labels ?? (0..<found.classCount).map { "class_\($0)" }
    card.input = InputForm(
      width: shape[1], height: shape[0], channels: channels, fit: fit,
      mean: perChannel(mean, 0), deviation: perChannel(std, 1))
    return card
  }

  private static func readLabels(_ path: String) throws(RunError) -> [String] {
    let text = String(decoding: try readFile(FilePath(argument: path)), as: UTF8.self)
    let labels = text.split(whereSeparator: \.isNewline).map(String.init)
    guard !labels.isEmpty else { throw .usage("\(path): expected one label a line") }
    return labels
  }
}

extension InputForm.Fit: ExpressibleByArgument {}
