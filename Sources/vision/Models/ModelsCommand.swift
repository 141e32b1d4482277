import ArgumentParser
import ModelFiles

/// `vision models`: what ships.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists the models that ship, their size and accuracy.",
    discussion: """
      The environment variable VISION_MODELS may name other folders to look in,
      parted by colons. 'vision summary NAME' shows a model's whole card.

      Examples:
        vision models
        vision models --json
      """)

  @Flag(help: "Print a JSON array: objects of name, path, bytes and card.")
  var json = false

  func run() throws {
    let catalog = ModelCatalog()
    var models: [ListedModel] = []
    var hasFailures = false
    for entry in catalog.entries {
      do throws(ModelFileError) {
        models.append(ListedModel(entry, try ModelFile.card(path: entry.path)))
      } catch {
        Report.complain("\(entry.path): \(error)")
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
      Report.complain(
        (folders.isEmpty ? "there are no models" : "there are no models in \(folders)")
          + "; make one with 'vision train', or let VISION_MODELS name the folder that holds them")
    }
    if hasFailures { throw ExitStatus.someFailed }
  }
}
