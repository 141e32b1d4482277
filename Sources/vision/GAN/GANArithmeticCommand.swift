import ArgumentParser
import Engine
import Images
import Inference
import Training

/// `vision gan arithmetic`: sums and differences of latents.
struct GANArithmeticCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arithmetic",
    abstract: "Adds and subtracts what images have in common.",
    usage: "vision gan arithmetic --from <list> --minus <list> --plus <list>",
    discussion: """
      Takes the mean latent of some images, subtracts that of others and adds that of a third \
      group, as in figure 7 of Radford et al. 2015 (arXiv 1511.06434): smiling women minus women \
      plus men. Three or more images to a mean work best; find them with gan sample --each.

      The grid has a row for each group, its mean at the end, and the result in the last row.

      Example:
        vision gan arithmetic --from 3,8,21 --minus 5,9,14 --plus 2,7,30
      """)

  @Option(help: ArgumentHelp("Seeds whose mean latent is begun with.", valueName: "list"))
  var from: SeedList

  @Option(help: ArgumentHelp("Seeds whose mean latent is subtracted.", valueName: "list"))
  var minus: SeedList

  @Option(help: ArgumentHelp("Seeds whose mean latent is added.", valueName: "list"))
  var plus: SeedList

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file, PNG or JPEG by its ending, or - for standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup(title: "Generator") var generator: GeneratorOptions

  func validate() throws {
    for (name, list) in [("from", from), ("minus", minus), ("plus", plus)]
    where list.seeds.count > 50 {
      throw ValidationError("--\(name): give at most 50 seeds")
    }
  }

  func run() throws { try generator.computing.profiled(compute) }

  private func compute(_ options: PlanOptions) throws {
    let target = try ImageOutput(
      generator.output(output, orNamed: "arithmetic"), option: "-o", isNamedHere: output == nil)
    try generator.requireOther(than: target.path)
    let sampler = try generator.sampler(options)
    let groups = [from, minus, plus].map { list in
      list.seeds.map { generator.latent($0, for: sampler) }
    }
    let means = groups.map(Latents.mean)
    let result = Latents.sum(means[0], minus: means[1], plus: means[2])
    let columns = (groups.map(\.count).max() ?? 0) + 1
    let layout = sampler.layout
    do {
      var cells: [Image] = []
      for (group, mean) in zip(groups, means) {
        cells += try sampler.images(of: group)
        let blank = Image(blank: layout)
        cells += Array(repeating: blank, count: columns - 1 - group.count)
        cells += try sampler.images(of: [mean])
      }
      cells += try sampler.images(of: [result])
      try target.writeGrid(cells, columns: columns)
    } catch let error as RunError {
      throw error
    } catch { throw RunError.aborted("\(error)") }
  }
}

extension Image {
  /// A white image.
  fileprivate init(blank layout: PixelLayout) {
    self.init(layout: layout)
    withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 255) }
  }
}
