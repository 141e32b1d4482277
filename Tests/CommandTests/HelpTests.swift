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
        OVERVIEW: Shows what image files hold, or their pixels.

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

  @Test func everyCommandHasHelpWithExamples() throws {
    let commands = try work.commands()
    #expect(commands.count > 15)
    for command in commands {
      let outcome = try work.vision(arguments: command.path + ["--help"])
      let name = (["vision"] + command.path).joined(separator: " ")
      #expect(outcome.status == 0)
      let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(name)")
      // Up to the empty line; one that the parser broke begins anew.
      let examples = lines.drop { !$0.hasPrefix("Example") }.dropFirst().prefix { !$0.isEmpty }
      #expect(!examples.isEmpty && examples.allSatisfy { $0.hasPrefix("  vision ") }, "\(name)")
    }
  }

  @Test func commandsAreSummedUpInASentence() throws {
    for command in try work.commands() {
      let summary = command.description.abstract ?? ""
      #expect((1...54).contains(summary.count) && summary.hasSuffix("."), "\(summary)")
    }
  }

  @Test func shellsCompletePaths() throws {
    let paths = ["input", "image", "file", "dir", "folder", "data", "path", "run", "name|file"]
    for command in try work.commands() {
      for argument in command.description.arguments ?? []
      where paths.contains(argument.valueName ?? "") {
        let name = (command.path + [argument.valueName ?? ""]).joined(separator: " ")
        #expect(argument.completionKind != nil, "\(name)")
      }
    }
  }

  @Test func modelsAreCompletedByName() throws {
    try work.write("", to: "run/best.safetensors")
    try work.write("", to: "run/log.csv")
    // As the shells' scripts ask: the word of number 3, of which so many characters are typed.
    let line = "SAP_SHELL=bash $VISION ---completion classify -- --model 3"
    let here = try work.shell("cd run; \(line) 0 vision classify --model ''").output
    #expect(here.contains("best.safetensors\n"))
    let below = try work.shell("\(line) 4 vision classify --model run/").output
    #expect(below.contains("run/best.safetensors\n") && !below.contains("log.csv"))
  }

  @Test func everyCommandHasAManualPage() throws {
    let tool = ReadmeTests.root.appendingPathComponent("Tools/manual.sh").path
    let outcome = try work.shell("sh '\(tool)' \"$VISION\" man")
    #expect(outcome.status == 0, "\(outcome.error)")
    for command in try work.commands() {
      let name = (["vision"] + command.path).joined(separator: "-")
      let page = String(decoding: try work.read("man/\(name).1"), as: UTF8.self)
      for section in ["NAME", "SYNOPSIS", "EXAMPLES", "\"SEE ALSO\""] {
        #expect(page.contains("\n.SH \(section)\n"), "\(name): \(section)")
      }
      for option in command.description.arguments ?? [] {
        for name in (option.names ?? []).filter({ $0.kind == "long" }) {
          #expect(page.contains("\\-\\-" + name.name.replacing("-", with: "\\-")), "\(name)")
        }
      }
    }
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

  /// `filter` takes files and has a subcommand, which the argument parser's own scripts never come to.
  @Test(arguments: [
    ("filter --so", "--sobel"), ("filter in.png --gau", "--gaussian"),
    ("filter --format j", "jpeg"), ("filter in", "in.png"), ("filter le", "learn"),
    ("filter --sobel le", ""), ("filter learn --be", "--before"),
    ("filter learn --before in", "in.png"), ("classify --model obj", "objects"),
    ("gan sam", "sample"),
  ])
  func bashCompletes(line: String, word: String) throws {
    try work.write(picture(), to: "in.png")
    let ask = """
      PATH=$(dirname "$VISION"):$PATH
      source <(vision --generate-completion-script bash)
      COMP_WORDS=(vision \(line)) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
      _vision vision "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      echo "${COMPREPLY[@]}"
      """
    try work.write(ask, to: "ask.bash")
    let outcome = try work.shell("bash ask.bash")
    #expect(outcome.output == word + "\n", "\(outcome.error)")
  }

  /// zsh refuses a description with two kinds of rest.
  @Test func zshAndFishCompleteLearn() throws {
    let zsh = try work.vision("--generate-completion-script", "zsh").output
    for function in zsh.split(separator: "\n}\n") {
      let rests = function.split(separator: "\n").filter {
        $0.hasPrefix("        '*:") || $0.hasPrefix("        '(-)*:")
      }
      #expect(rests.count < 2, "\(rests)")
    }
    #expect(zsh.contains("[[ \"${words[2]}\" == learn ]]"))
    #expect(zsh.contains("        _files && ret=0\n"))
    let fish = try work.vision("--generate-completion-script", "fish").output
    #expect(fish.contains("= learn; __vision_parse_subcommand 0; else; "))
    #expect(fish.contains("'h/help'; end\n"))
    #expect(fish.contains("\"vision filter\" -eq 1' -fa 'learn'"))
  }
}

/// What the program says of a command for tools.
private struct CommandDescription: Decodable {
  let commandName: String
  let abstract: String?
  let arguments: [Argument]?
  let subcommands: [CommandDescription]?

  struct Argument: Decodable {
    let valueName: String?
    let names: [Name]?
    let completionKind: [String: Ignored]?
  }

  struct Name: Decodable {
    let kind: String
    let name: String
  }

  struct Ignored: Decodable { init(from decoder: any Decoder) {} }
}

extension Workspace {
  /// Every command but `help`, with the words that call it.
  fileprivate func commands() throws -> [(path: [String], description: CommandDescription)] {
    struct Dump: Decodable { let command: CommandDescription }
    func flattened(
      _ command: CommandDescription, _ path: [String]
    ) -> [(path: [String], description: CommandDescription)] {
      [(path, command)]
        + (command.subcommands ?? []).filter { $0.commandName != "help" }
        .flatMap { flattened($0, path + [$0.commandName]) }
    }
    let dump = try vision("--experimental-dump-help")
    return flattened(
      try JSONDecoder().decode(Dump.self, from: dump.outputBytes).command, [])
  }
}
