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
      The file is for onnxruntime and other programs. A classifier takes `input`, N × C × H × W with any N: samples of 0 to 1, from which the mean was \
      subtracted and which were divided by the deviation that 'vision summary' shows. It makes \
      `logits`. A generator takes `input`, N × latents from the normal distribution, and makes \
      `pictures`, N × C × H × W from -1 to 1.

      It is of opset \(ONNXExport.opset), in 32-bit floats, and holds the model's card as the \
      metadata `card`, so that 'vision classify --model' takes it as it is. 'classify' asks some \
      networks (objects, fashion, backbone) for a picture and its mirror image and takes the mean \
      of both logits; the file computes those of one picture.

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

  @Flag(help: "Make `probabilities` of a classifier's logits.")
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
        throw RunError.usage("--softmax is for classifiers, and \(model) is none")
      }
      let export = try stored.exported(probabilities: softmax)
      do throws(ONNXError) { try export.write(to: output) } catch {
        throw RunError.stopped("\(output): \(error)")
      }
      StandardStream.output.write("\(output)  \(export.description)\n")
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError.stopped("\(error)")
    }
  }
}
