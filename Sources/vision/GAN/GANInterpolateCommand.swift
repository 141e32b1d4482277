import ArgumentParser
import Engine
import Images
import Inference
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
    help: ArgumentHelp(
      "The file, PNG or JPEG by its ending, or - for standard output.", valueName: "file"),
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

  /// The latents on the way, in order.
  func latents(for sampler: ImageGenerator) -> [[Float]] {
    let corners = seeds.seeds.map { generator.latent($0, for: sampler) }
    let targets = animate ? Array(corners.dropFirst()) + [corners[0]] : Array(corners.dropFirst())
    // The end of one way is the beginning of the next: an animation shows it once.
    let count = animate ? steps - 1 : steps
    return zip(corners, targets).flatMap { start, end in
      (0..<count).map { Latents.interpolated(start, end, share: Float($0) / Float(steps - 1)) }
    }
  }

  private func interpolate(_ options: PlanOptions) throws {
    let path = generator.output(output, orNamed: "walk")
    let target =
      try animate
      ? PictureOutput(ofAnimation: path, option: "-o", isNamedHere: output == nil)
      : PictureOutput(path, option: "-o", isNamedHere: output == nil)
    try generator.requireOther(than: path)
    let sampler = try generator.sampler(options)
    // Said before the work, not after it.
    do throws(ImageError) {
      if animate {
        try sampler.layout.requireAnimation(of: seeds.seeds.count * (steps - 1))
      } else {
        _ = try sampler.layout.grid(of: (seeds.seeds.count - 1) * steps, columns: steps)
      }
    } catch { throw RunError.usage("\(error); give fewer seeds or --steps") }
    let pictures: [Image]
    do { pictures = try sampler.images(of: latents(for: sampler)) } catch {
      throw RunError.stopped("\(error)")
    }
    guard animate else { return try target.writeGrid(pictures, columns: steps) }
    let animation: AnimatedPNG
    do throws(ImageError) {
      animation = try AnimatedPNG(
        frames: pictures, framesPerSecond: 12, software: Vision.software)
    } catch { throw RunError.stopped("\(path): \(error)") }
    try target.write(animation)
    target.tell("\(pictures.count) frames")
  }
}
