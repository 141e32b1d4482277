import ArgumentParser
import Engine
import Images
import Training

/// `vision gan interpolate`: the way from one picture to the next.
struct GANInterpolateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpolate",
    abstract: "Walks from picture to picture through the latents.",
    usage: "vision gan interpolate --seeds <list> [<options>]",
    discussion: """
      Each row of the grid goes from one seed's picture to the next one's, along the arc between \
      their latents. With --animate the walk is one animated PNG that returns to its beginning.

      Examples:
        vision gan interpolate --seeds 3,8,21 --steps 8
        vision gan interpolate --seeds 3,8,21 --steps 24 --animate -o walk.png
      """)

  @Option(help: ArgumentHelp("Two seeds or more.", valueName: "list"))
  var seeds: SeedList

  @Option(help: ArgumentHelp("Pictures from one seed to the next, both counted.", valueName: "n"))
  var steps = 8

  @Flag(help: "Write an animated PNG.")
  var animate = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file, or - for standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup(title: "Generator") var generator: GeneratorOptions

  func validate() throws {
    guard (2...1000).contains(seeds.seeds.count) else {
      throw ValidationError("--seeds: give 2 to 1000 seeds, such as 3,8,21")
    }
    guard (2...1000).contains(steps) else {
      throw ValidationError("--steps \(steps): give a whole number from 2 to 1000")
    }
  }

  func run() throws { try generator.computing.profiled(interpolate) }

  private func interpolate(_ options: PlanOptions) throws {
    let sampler = try generator.sampler(options)
    let corners = seeds.seeds.map { generator.latent($0, for: sampler) }
    let targets = animate ? Array(corners.dropFirst()) + [corners[0]] : Array(corners.dropFirst())
    var latents: [[Float]] = []
    for (start, end) in zip(corners, targets) {
      // The end of one way is the beginning of the next: an animation shows it once.
      let count = animate ? steps - 1 : steps
      for step in 0..<count {
        latents.append(
          Latents.interpolated(start, end, share: Float(step) / Float(steps - 1)))
      }
    }
    let pictures: [Image]
    do { pictures = try sampler.samples(of: latents) } catch { throw RunError.stopped("\(error)") }
    let path = output ?? "\(generator.outputStem)-walk.png"
    guard animate else { return try writeGrid(pictures, columns: steps, to: path) }
    do throws(ImageError) {
      try AnimatedPNG(frames: pictures, framesPerSecond: 12).write(path: path)
    } catch { throw RunError.stopped("\(path): \(error)") }
    StandardStream.output.write("\(path)  \(pictures.count) frames\n")
  }
}
