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

  @Test func anUnknownCommandIsOneLine() throws {
    let outcome = try work.vision("fliter")
    #expect(outcome.status == 64)
    #expect(outcome.errorLines.count == 1)
  }

  @Test func completionScriptsOfferTheFilters() throws {
    let outcome = try work.vision("--generate-completion-script", "bash")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("--sobel"))
    #expect(outcome.output.contains("--gaussian"))
  }
}
