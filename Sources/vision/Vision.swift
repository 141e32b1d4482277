import ArgumentParser

@main
struct Vision: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vision",
    abstract: "Filters images, classifies them and generates faces.")
}
