import ArgumentParser

/// `vision gan`: images that a network generates.
struct GANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gan",
    abstract: "Generates images with a DCGAN; trains one on yours.",
    discussion: """
      Examples:
        vision gan sample -n 16
        vision gan interpolate --seeds 3,8,21 --steps 8
        vision gan train pictures/ --out run
        vision gan evaluate --model run/best.safetensors pictures/
      """,
    subcommands: [
      GANSampleCommand.self, GANInterpolateCommand.self, GANArithmeticCommand.self,
      GANTrainCommand.self, GANEvaluateCommand.self,
    ])
}
