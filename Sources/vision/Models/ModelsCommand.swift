import ArgumentParser
import ModelFiles

/// `vision models`: the bundled models.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists the bundled models with size and accuracy.",
    discussion: """
      VISION_MODELS may list further directories, separated by colons.
      'vision summary NAME' prints the full model card.

      Examples:
        vision models
        vision models --json
      """)

  @Flag(help: "Print a JSON array of objects with name, path, bytes and card.")
  var json = false

  func run() throws {
    let catalog = ModelCatalog()
    var models: [ListedModel] = []
    var hasFailures = false
    for entry in catalog.entries {
      do throws(ModelFileError) {
        models.append(ListedModel(entry, try ModelFile.card(path: entry.path)))
      } catch {
        Console.error("\(entry.path): \(error)")
        hasFailures = true
      }
    }
    if json {
      StandardStream.output.write(try encodeJSON(models) + "\n")
    } else if !models.isEmpty {
      StandardStream.output.write(ListedModel.table(models) + "\n")
    }
    if catalog.entries.isEmpty {
      let folders = catalog.folders.joined(separator: ", ")
      Console.error(
        (folders.isEmpty ? "no models found" : "no models found in \(folders)")
          + "; train one with 'vision train', or set VISION_MODELS to the directory of the models")
    }
    if hasFailures { throw ExitStatus.partialFailure }
  }
}
