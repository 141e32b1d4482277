import ArgumentParser
import Datasets
import Engine
import Images
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
      throw RunError.stopped("\(error)")
    }
  }

  private func evaluate(_ options: PlanOptions) throws {
    let target = try neighbours.map { path throws(RunError) in
      try PictureOutput(
        FilePath(argument: path), option: "--neighbours", otherUse: "the measurements")
    }
    let sampler = try generator.sampler(options)
    let dataset: Dataset
    do throws(DatasetError) { dataset = try DatasetParts.unlabelled(path: folder).dataset } catch {
      throw RunError.stopped("\(error)")
    }
    let model: ClassifierModel
    do { model = try ClassifierModel(path: ModelCatalog().path(for: features)) } catch {
      throw RunError.stopped("--features \(features): \(error)")
    }
    let extractor = try FeatureExtractor(
      model, options: PlanOptions(threads: options.threads, profiler: options.profiler))
    let parts = all ? (dataset, dataset) : dataset.holdingOut(every: 10)
    let reference = try GANReference(
      (parts.1 ?? dataset).squares(sampler.layout.width), features: extractor)
    let samples = try sampler.samples(
      of: (0..<UInt64(n)).map { generator.latent($0, for: sampler) })
    let others = all ? [] : parts.0[Array(0..<min(n, parts.0.count))].squares(sampler.layout.width)
    let quality = try reference.quality(of: samples, others: others)
    if let target {
      let shown = Array(samples.prefix(8))
      let rows = try NearestNeighbours.rows(
        of: shown, among: parts.0.squares(sampler.layout.width), features: extractor)
      let grid: Image
      do throws(ImageError) {
        grid = try Image(montage: rows.flatMap { $0 }, columns: rows[0].count)
      } catch { throw RunError.stopped("\(target.path): \(error)") }
      try target.write(grid)
    }
    if json {
      StandardStream.output.write(try encodeJSON(object: quality) + "\n")
    } else {
      let floor = quality.floor.map { " (of real pictures: \($0))" } ?? ""
      StandardStream.output.write(
        """
        Fréchet distance   \(quality.frechetDistance)\(floor)
        kernel distance    \(quality.kernelDistance)
        diversity          \(quality.diversity)
        on the features of \(quality.features); \(quality.generatedCount) samples, \
        \(quality.realCount) real pictures\n
        """)
    }
  }
}
