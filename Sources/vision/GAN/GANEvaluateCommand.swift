import ArgumentParser
import Datasets
import Engine
import Figures
import Files
import Generation
import Images
import Inference
import ModelFiles
import Training

/// `vision gan evaluate`: how good a generator is.
struct GANEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluates a generator against real images.",
    usage: "vision gan evaluate [<options>] <folder>",
    discussion: """
      Prints Fréchet and kernel distance (the FID and KID formulas, on the features of the classifier \
      named in the output, so not comparable with published FID or KID). Lower is better; compare \
      only values with the same features and sample counts. Diversity is the mean distance between \
      two generated images, relative to that between two real ones. With --neighbors an image shows \
      samples beside the real images nearest to them, to see that they are not copies.

      By default every tenth image, which training held out, is the reference; --all uses all. The \
      value in parentheses is that of real images against the reference, as many as there are \
      samples: the least that can be expected.

      Example:
        vision gan evaluate --model run/best.safetensors faces/ --neighbors near.png
      """)

  @Argument(
    help: ArgumentHelp("A folder of real images.", valueName: "folder"), completion: .directory)
  var folder: String

  @OptionGroup(title: "Generator") var generator: GeneratorOptions

  @Option(name: .short, help: ArgumentHelp("Number of generated images.", valueName: "count"))
  var n = 5000

  @Option(
    help: ArgumentHelp(
      "Classifier whose features are used.", valueName: "name|file"),
    completion: .model)
  var features = "objects"

  @Flag(help: "Use all images of the directory, not every tenth.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Write a grid of samples, each with its nearest real images.", valueName: "file"),
    completion: .file())
  var neighbors: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard (2...SeedList.limit).contains(n) else {
      throw ValidationError("-n \(n): must be between 2 and \(SeedList.limit)")
    }
  }

  func run() throws {
    do { try generator.computing.profiled(evaluate) } catch let error as TrainingError {
      throw RunError(error)
    } catch let error as InferenceError {
      throw RunError(error)
    }
  }

  private func evaluate(_ options: PlanOptions) throws {
    let target = try neighbors.map { path throws(RunError) in
      try ImageOutput(
        FilePath(argument: path), option: "--neighbors", otherUse: "the measurements")
    }
    if let target {
      try RunInputs(arguments: generator.file, try? ModelCatalog().path(for: features), folder)
        .requireNone(at: target.path, option: "--neighbors")
    }
    let sampler = try generator.sampler(options)
    if !all, try generator.heldOutAnything() == false {
      Console.warn(
        "\(generator.model): its training held nothing out, so that the images measured "
          + "against are among those it learned from")
    }
    let (dataset, warnings): (Dataset, [DatasetWarning])
    do throws(DatasetError) {
      (dataset, warnings) = try DatasetSplits.unlabeled(path: folder)
    } catch { throw RunError(error) }
    Console.warn(warnings)
    try dataset.requireReadable(path: folder)
    let model: Classifier
    do { model = try Classifier(path: ModelCatalog().path(for: features)) } catch {
      throw RunError.aborted("--features \(features): \(advised(error))")
    }
    let extractor = try FeatureExtractor(
      model, options: PlanOptions(threads: options.threads, profiler: options.profiler))
    let real = realImages(of: dataset, size: sampler.layout.width)
    Console.warn(real.damaged)
    let reference = try GANEvaluator(real.heldOut, features: extractor)
    let samples = try sampler.images(
      of: (0..<UInt64(n)).map { generator.latent($0, for: sampler) })
    let quality = try reference.quality(
      of: samples, others: all ? [] : Array(real.learned.prefix(n)))
    if let target {
      let rows = try NearestNeighbors.rows(
        of: Array(samples.prefix(8)), among: real.learned, features: extractor)
      let grid: Image
      do throws(ImageError) {
        grid = try Image(montage: rows.flatMap { $0 }, columns: rows[0].count)
      } catch { throw RunError.aborted("\(target.path): \(error)") }
      try target.write(grid)
    }
    if json {
      StandardStream.output.write(try encodeJSON(object: quality) + "\n")
    } else {
      let floor =
        quality.floor.map {
          " (real images: \(distanceText($0, beside: quality.frechetDistance)))"
        } ?? ""
      StandardStream.output.write(
        """
        Fréchet distance   \(distanceText(quality.frechetDistance))\(floor)
        kernel distance    \(distanceText(quality.kernelDistance))
        diversity          \(fixed(quality.diversity, decimals: 3))
        on the features of \(quality.features); \(quality.generatedCount) samples, \
        \(quality.realCount) real images\n
        """)
    }
    if warnings.contains(where: \.isFailure) || !real.damaged.isEmpty {
      throw ExitStatus.partialFailure
    }
  }

  /// The images that are measured against, those that training learned from as far as they are needed,
  /// and what of both cannot be read.
  private func realImages(
    of dataset: Dataset, size: Int
  ) -> (heldOut: [Image], learned: [Image], damaged: [DatasetWarning]) {
    if all {
      let (images, damaged) = dataset.centerCropped(to: size)
      return (images, images, damaged)
    }
    let (training, measured) = dataset.split(holdingOutEvery: HoldOut.interval)
    let wanted = neighbors == nil ? min(n, training.count) : training.count
    let (heldOut, damaged) = measured.centerCropped(to: size)
    let (learned, more) = training[Array(0..<wanted)].centerCropped(to: size)
    return (heldOut, learned, damaged + more)
  }
}
