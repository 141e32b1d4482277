import ArgumentParser

/// `vision series`: what is done to series beside classifying them.
struct SeriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "series", abstract: "Draws series as images.",
    subcommands: [SeriesDrawCommand.self])
}
