import ArgumentParser

/// `vision segment`: a class for each pixel.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Gives each pixel of images a class.",
    subcommands: [SegmentTrainCommand.self])
}
