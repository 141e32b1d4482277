import ArgumentParser
import Inference
import ModelFiles
import ONNX

/// `vision export`: a network for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a network as an ONNX file.",
    discussion: """
      Exports to ONNX (opset \(ONNXExport.opset), float32). A classifier has the input `input`, N × C × H × W, \
      values scaled to 0–1 and normalized with the mean and std shown by 'vision summary', and the \
      output `logits`; one with independent labels has `probabilities`. A segmenter makes \
      logits of each pixel, N × K × H × W. A generator maps `input` \
      (N × latent size, standard normal) to `images` (N × C × H × W, −1 to 1).

      The model card is stored as metadata `card`. Test-time flip averaging (objects, fashion, \
      backbone) is not part of the exported graph.

      Examples:
        vision export objects -o objects.onnx
        vision export run/best.safetensors -o net.onnx --softmax
        vision export faces -o faces.onnx
      """)

  @Argument(
    help: ArgumentHelp(
      "A model that ships (see 'vision models') or a model file.", valueName: "name|file"),
    completion: .model)
  var model: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The ONNX file to write.", valueName: "file"),
    completion: .file())
  var output: String

  @Flag(help: "Output `probabilities` (softmax) instead of logits.")
  var softmax = false

  func validate() throws {
    if output == "-" { throw ValidationError("-o -: an ONNX file needs a name; give one") }
  }

  func run() throws {
    do {
      let path = try ModelCatalog().path(for: model)
      try RunInputs(arguments: path).requireNone(at: FilePath(argument: output), option: "-o")
      let stored = try LoadedModel(path: path)
      if softmax, stored.card.classNames.isEmpty {
        throw RunError.usage("--softmax requires a classifier; \(model) is not one")
      }
      let export = try stored.exported(probabilities: softmax)
      do throws(ONNXError) { try export.write(to: output) } catch {
        throw RunError.aborted("\(output): \(error)")
      }
      StandardStream.output.write("\(output)  \(export.description)\n")
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError.aborted("\(error)")
    }
  }
}
