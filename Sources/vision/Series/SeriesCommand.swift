import ArgumentParser

/// `vision series`: what is done to series beside classifying them.
struct SeriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "series", abstract: "Draws series as images.",
    discussion: """
      Examples:
        vision series draw GunPoint_TRAIN.ts --as gaf -o fields/
      """,
    subcommands: [SeriesDrawCommand.self])
}
