import ArgumentParser
import Engine
import Generation
import Glibc
import Images
import Inference
import ModelFiles
import Tensors
import Training

/// The generator that images come from.
struct GeneratorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A generator that ships, a model file or an ONNX file.", valueName: "name|file"),
    completion: .model)
  var model = "faces"

  @Option(
    help: ArgumentHelp(
      """
      Draw latent numbers beyond ± this again, at least 0.1: smaller gives more typical images \
      with less variety.
      """, valueName: "t"))
  var truncation: Float?

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func validate() throws {
    if let truncation, !(truncation >= 0.1) {
      throw ValidationError("--truncation \(truncation): give a number from 0.1")
    }
  }

  /// The file that ``sampler(_:)`` reads, where it exists.
  var file: String? { try? ModelCatalog().path(for: model) }

  /// - Throws: a usage error where an output is the model itself.
  func requireOther(than output: FilePath, option: String = "-o") throws(RunError) {
    try RunInputs(arguments: file).requireNone(at: output, option: option)
  }

  /// The generator, ready to run.
  func sampler(_ options: PlanOptions) throws(RunError) -> ImageGenerator {
    do {
      return try Generator(path: ModelCatalog().path(for: model))
        .imageGenerator(options: options)
    } catch { throw .aborted(advised(error)) }
  }

  /// Whether the generator's training held images out; nil where its file does not say.
  func heldOutAnything() throws(RunError) -> Bool? {
    do {
      // An ONNX file, which says nothing of it, is no model file of ours.
      let path = try ModelCatalog().path(for: model)
      return (try? ModelFile.metadata(path: path)).flatMap(HoldOut.heldOutAnything)
    } catch { throw .aborted("\(error)") }
  }

  /// The latent of a seed.
  func latent(_ seed: UInt64, for sampler: ImageGenerator) -> [Float] {
    Latents.latent(seed: seed, count: sampler.latentSize, truncation: truncation)
  }

  /// Where an image goes: to the path that was given, or to a file named after the generator.
  func output(_ path: String?, orNamed label: String) -> FilePath {
    FilePath(argument: path ?? "\(outputStem)-\(label).png")
  }

  /// What files are called where no name is given: `faces`, or the model file's name.
  private var outputStem: String {
    let name = model.split(separator: "/").last.map(String.init) ?? model
    let ending = [".safetensors", ".onnx"].first { name.hasSuffix($0) }
    return String(name.dropLast(ending?.count ?? 0))
  }
}

extension ImageOutput {
  /// Writes images as one grid and says where.
  func writeGrid(_ images: [Image], columns: Int?, note: String? = nil) throws(RunError) {
    let grid: Image
    do throws(ImageError) { grid = try Image(montage: images, columns: columns) } catch {
      throw .aborted("\(path): \(error)")
    }
    try write(grid)
    tell(note)
  }
}
