import ArgumentParser
import Engine
import Images
import Inference
import Training

/// `vision gan sample`: pictures of random latents.
struct GANSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Makes up pictures, as one grid or each into a file.",
    usage: """
      vision gan sample [-n <count>] [--seed <n>] [<options>]
      vision gan sample --seeds <list> [<options>]
      """,
    discussion: """
      A picture depends on its seed alone: the same seed gives the same bytes in any number and \
      company. -n 16 --seed 40 takes the seeds 40 to 55.

      Examples:
        vision gan sample -n 16
        vision gan sample -n 100 --seed 7 --columns 10 -o faces.png
        vision gan sample --seeds 3,8,20-29 --each faces/
      """)

  @Option(name: .short, help: ArgumentHelp("How many pictures.", valueName: "count"))
  var n: Int?

  @Option(
    help: ArgumentHelp("The first picture's seed; drawn at random without it.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("The seeds themselves, such as 0-15 or 3,8,21.", valueName: "list"))
  var seeds: SeedList?

  @Option(help: ArgumentHelp("Pictures side by side; without it about square.", valueName: "n"))
  var columns: Int?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The grid's file, PNG or JPEG by its ending, or - for standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write each picture into this directory, as seed-N.png, and no grid.", valueName: "dir"),
    completion: .directory)
  var each: String?

  @OptionGroup(title: "Generator") var generator: GeneratorOptions

  func validate() throws {
    if let n, !(1...SeedList.limit).contains(n) {
      throw ValidationError("-n \(n): give a whole number from 1 to \(SeedList.limit)")
    }
    if let columns, !(1...1000).contains(columns) {
      throw ValidationError("--columns \(columns): give a whole number from 1 to 1000")
    }
    if seeds != nil, n != nil || seed != nil {
      throw ValidationError("--seeds says which pictures, so leave out -n and --seed")
    }
    if each != nil, output != nil || columns != nil {
      throw ValidationError("--each writes no grid, so leave out --output and --columns")
    }
  }

  func run() throws { try generator.computing.profiled(sample) }

  /// The seeds that were named, or as many as are wanted from a first one on.
  var chosenSeeds: [UInt64] {
    let first = seed ?? UInt64.random(in: 0..<1_000_000)
    return seeds?.seeds ?? (0..<UInt64(n ?? 16)).map { first &+ $0 }
  }

  private func sample(_ options: PlanOptions) throws {
    let seeds = chosenSeeds
    let first = seeds[0]
    if let each {
      for seed in seeds {
        let path = FilePath(argument: each).appending("seed-\(seed).png".utf8)
        try generator.requireOther(than: path, option: "--each")
        try path.requireReplaceable()
      }
      return try writeEach(seeds, of: generator.sampler(options), into: each)
    }
    let name =
      self.seeds == nil ? "seed-\(first)" : "seeds-\(seeds[0])-\(seeds[seeds.count - 1])"
    let target = try PictureOutput(
      generator.output(output, orNamed: name), option: "-o", isNamedHere: output == nil)
    try generator.requireOther(than: target.path)
    let sampler = try generator.sampler(options)
    // Said before the work, not after it.
    do { _ = try sampler.layout.grid(of: seeds.count, columns: columns) } catch {
      throw RunError.usage("\(error); take fewer, or --each DIR")
    }
    let pictures: [Image]
    do {
      pictures = try sampler.images(of: seeds.map { generator.latent($0, for: sampler) })
    } catch { throw RunError.stopped("\(error)") }
    try target.writeGrid(
      pictures, columns: columns, note: self.seeds == nil ? "seed \(first)" : nil)
  }

  private func writeEach(
    _ seeds: [UInt64], of sampler: ImageGenerator, into directory: String
  ) throws {
    try createDirectory(FilePath(argument: directory))
    let progress = Progress(total: seeds.count)
    defer { progress?.clear() }
    // A part of the latents at a time, so that any number fits into memory.
    let part = 1024
    let options = WriteOptions.marked
    for start in stride(from: 0, to: seeds.count, by: part) {
      let some = seeds[start..<min(start + part, seeds.count)]
      try sampler.images(of: some.map { generator.latent($0, for: sampler) }) { index, picture in
        let path = "\(directory)/seed-\(some[start + index]).png"
        do throws(ImageError) { try picture.write(path: path, options: options) } catch {
          throw RunError.stopped("\(path): \(error)")
        }
        progress?.show(done: start + index + 1)
      }
    }
    progress?.clear()
    StandardStream.output.write("\(directory)  \(seeds.count) pictures\n")
  }
}
