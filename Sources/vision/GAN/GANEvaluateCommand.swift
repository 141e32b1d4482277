import ArgumentParser
import Datasets
import Engine
import Figures
import Images
import Inference
import ModelFiles
import Training

/// `vision gan evaluate`: how good a generator is.
struct GANEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures a generator against real pictures.",
    usage: "vision gan evaluate [<options>] <folder>",
    discussion: """
      Fréchet and kernel distance on the features of a shipped classifier, which the output names: \
      not the published FID and KID, but the same formulas; smaller is better, and only values on the \
      same features, with the same number of pictures, compare. Diversity is the mean distance between \
      two generated pictures as a share of that between two real ones. With --neighbours a \
      picture shows generated pictures beside the real ones that are nearest to them, to see that they are no copies.

      Every tenth picture is measured against, which training held out; --all takes all. In brackets \
      stands what real pictures reach, as many of the others as there are samples: the least that can be expected.

      Example:
        vision gan evaluate --model run/best.safetensors faces/ --neighbours near.png
      """)

  @Argument(
    help: ArgumentHelp("A folder of real pictures.", valueName: "folder"), completion: .directory)
  var folder: String

  @OptionGroup(title: "Generator") var generator: GeneratorOptions

  @Option(name: .short, help: ArgumentHelp("How many pictures are generated.", valueName: "count"))
  var n = 5000

  @Option(
    help: ArgumentHelp(
      "A shipped classifier or model file on whose features is measured.", valueName: "name|file"),
    completion: .model)
  var features = "objects"

  @Flag(help: "Measure against all pictures of the folder, not every tenth.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Write a picture of samples, each followed by its nearest real pictures.", valueName: "file"),
    completion: .file())
  var neighbours: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  func validate() throws {
    guard (2...SeedList.limit).contains(n) else {
      throw ValidationError("-n \(n): give a whole number from 2 to \(SeedList.limit)")
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
    let target = try neighbours.map { path throws(RunError) in
      try PictureOutput(
        FilePath(argument: path), option: "--neighbours", otherUse: "the measurements")
    }
    if let target {
      try RunInputs(arguments: generator.file, try? ModelCatalog().path(for: features), folder)
        .requireNone(at: target.path, option: "--neighbours")
    }
    let sampler = try generator.sampler(options)
    let (dataset, warnings): (Dataset, [DatasetWarning])
    do throws(DatasetError) {
      (dataset, warnings) = try DatasetParts.unlabelled(path: folder)
    } catch { throw RunError(error) }
    Report.complain(warnings)
    try dataset.requireReadable(path: folder)
    let model: Classifier
    do { model = try Classifier(path: ModelCatalog().path(for: features)) } catch {
      throw RunError.stopped("--features \(features): \(error)")
    }
    let extractor = try FeatureExtractor(
      model, options: PlanOptions(threads: options.threads, profiler: options.profiler))
    let real = realPictures(of: dataset, size: sampler.layout.width)
    Report.complain(real.damaged)
    let reference = try GANReference(real.heldOut, features: extractor)
    let samples = try sampler.images(
      of: (0..<UInt64(n)).map { generator.latent($0, for: sampler) })
    let quality = try reference.quality(
      of: samples, others: all ? [] : Array(real.learnt.prefix(n)))
    if let target {
      let rows = try NearestNeighbours.rows(
        of: Array(samples.prefix(8)), among: real.learnt, features: extractor)
      let grid: Image
      do throws(ImageError) {
        grid = try Image(montage: rows.flatMap { $0 }, columns: rows[0].count)
      } catch { throw RunError.stopped("\(target.path): \(error)") }
      try target.write(grid)
    }
    if json {
      StandardStream.output.write(try encodeJSON(object: quality) + "\n")
    } else {
      let floor =
        quality.floor.map {
          " (of real pictures: \(distanceText($0, beside: quality.frechetDistance)))"
        } ?? ""
      StandardStream.output.write(
        """
        Fréchet distance   \(distanceText(quality.frechetDistance))\(floor)
        kernel distance    \(distanceText(quality.kernelDistance))
        diversity          \(fixed(quality.diversity, decimals: 3))
        on the features of \(quality.features); \(quality.generatedCount) samples, \
        \(quality.realCount) real pictures\n
        """)
    }
    if warnings.contains(where: \.isFailure) || !real.damaged.isEmpty {
      throw ExitStatus.someFailed
    }
  }

  /// The pictures that are measured against, those that training learnt from as far as they are
  /// needed, and what of both cannot be read.
  private func realPictures(
    of dataset: Dataset, size: Int
  ) -> (heldOut: [Image], learnt: [Image], damaged: [DatasetWarning]) {
    if all {
      let (images, damaged) = dataset.squares(size)
      return (images, images, damaged)
    }
    let (training, measured) = dataset.holdingOut(every: 10)
    let wanted = neighbours == nil ? min(n, training.count) : training.count
    let (heldOut, damaged) = (measured ?? dataset).squares(size)
    let (learnt, more) = training[Array(0..<wanted)].squares(size)
    return (heldOut, learnt, damaged + more)
  }
}
