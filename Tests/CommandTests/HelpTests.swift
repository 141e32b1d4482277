import Foundation
import Testing

/// What the command says of itself.
struct HelpTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func version() throws {
    let outcome = try work.vision("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output == "0.1.0\n")
  }

  @Test func infoHelp() throws {
    let outcome = try work.vision("info", "--help")
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        OVERVIEW: Shows format, size, depth and metadata of images, or their pixels.

        Examples:
          vision info photo.jpg
          vision info --json photos/
          vision info --matrix digit.png
          vision info --matrix --crop 100,80,8,8 photo.png

        USAGE: vision info [<options>] <input> ...

        ARGUMENTS:
          <input>                 Images, directories of images, or - for standard
                                  input.

        READING:
          --lenient               Take what can be had of a file that is cut off or
                                  damaged, with a warning.
          --max-pixels <n>        Refuse images of more pixels. (default: 100M)
          --max-memory <bytes>    Refuse images that need more memory. (default: 512M)

        OPTIONS:
          --matrix                Print the matrix of pixel values, one for each
                                  channel, as an upright image shows them.
          --crop <x,y,w,h>        Print only this part of the matrix.
          --json                  Print a JSON array with one object for each image.
          --version               Show the version.
          -h, --help              Show help information.


        """)
  }

  @Test(arguments: [[], ["filter"], ["filter", "learn"], ["info"]])
  func everyCommandHasHelpWithExamples(command: [String]) throws {
    let outcome = try work.vision(arguments: command + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Examples:\n  vision "))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test(arguments: [
    (
      "fliter in.png",
      "there is no command 'fliter'; did you mean 'vision filter'?; see 'vision --help'"
    ),
    (
      "clasify in.png",
      "there is no command 'clasify'; did you mean 'vision classify'?; see 'vision --help'"
    ),
    ("modls", "there is no command 'modls'; did you mean 'vision models'?; see 'vision --help'"),
    (
      "--sobbel in.png",
      "there is no option '--sobbel'; did you mean 'vision filter --sobel'?; see 'vision --help'"
    ),
    (
      "sobel in.png",
      "there is no command 'sobel'; did you mean 'vision filter --sobel'?; see 'vision --help'"
    ),
    (
      "in.png",
      "there is no command 'in.png'; did you mean 'vision filter --sobel in.png' or 'vision classify in.png'?; see 'vision --help'"
    ),
    (
      "gan trian in",
      "there is no command 'trian'; did you mean 'vision gan train'?; see 'vision gan --help'"
    ),
    (
      "gan paint",
      "there is no command 'paint'; there are sample, interpolate, arithmetic, train, evaluate; see 'vision gan --help'"
    ),
    (
      "filter lern --before in.png",
      "there is no file or command 'lern'; did you mean 'vision filter learn'?; see 'vision filter --help'"
    ),
    (
      "filter learn --bfore in.png",
      "Unknown option '--bfore'. Did you mean '--before'?; see 'vision filter learn --help'"
    ),
    (
      "train --epchs 3 in",
      "Unknown option '--epchs'. Did you mean '--epochs'?; see 'vision train --help'"
    ),
    (
      "gan sample --colums 3",
      "Unknown option '--colums'. Did you mean '--columns'?; see 'vision gan sample --help'"
    ),
    ("train in", "Missing expected argument '--out <folder>'; see 'vision train --help'"),
  ])
  func whatIsMistypedGetsASuggestion(line: String, message: String) throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision(arguments: line.split(separator: " ").map(String.init))
    #expect(outcome.status == 64)
    #expect(outcome.error == "vision: \(message)\n")
  }

  @Test func completionScriptsOfferTheFilters() throws {
    let outcome = try work.vision("--generate-completion-script", "bash")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("--sobel"))
    #expect(outcome.output.contains("--gaussian"))
  }
}
