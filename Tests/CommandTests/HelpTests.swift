import Foundation
import Loops
import Testing

/// What the command says of itself.
struct HelpTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test func version() throws {
    for limit in InstructionSet.allCases {
      let outcome = try work.shell("VISION_CPU=\(limit.rawValue) taskset -c 0 $VISION --version")
      let best = InstructionSet.best
      let set = limit < best ? "\(limit.rawValue) of \(best.rawValue)" : best.rawValue
      #expect(outcome.output == "0.1.0 (\(set), 1 thread)\n")
    }
  }

  @Test func anUnknownInstructionSetIsRefused() throws {
    let outcome = try work.shell("VISION_CPU=avx9 $VISION models")
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(
      outcome.error == "vision: VISION_CPU=avx9: no such instruction set; use x86-64, x86-64-v3 or "
        + "x86-64-v4, or unset it\n")
  }

  @Test func theLimitIsOfNetworksToo() throws {
    let outcome = try work.shell(
      "VISION_CPU=x86-64-v3 $VISION gan sample -n 1 --precision bf16 -o face.png")
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "vision: this processor does not support bfloat16 (AVX-512 BF16); use fp32\n")
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

        DECODING:
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

  static let places: [(line: [String], files: String, word: String?)] = [
    (["fil"], "none", "filter"), (["gan", ""], "none", "arithmetic"),
    (["help", ""], "none", "train"),
    (["help", "gan", ""], "none", "sample"), (["filter", ""], "files", "learn"),
    (["filter", "in.png", ""], "files", nil), (["filter", "--direction", ""], "none", "magnitude"),
    (["filter", "--sobel", "--border", ""], "none", "wrap"),
    (["filter", "--direction=m"], "none", "--direction=angle"),
    (["filter", "--format=j"], "none", "--format=jpeg"), (["filter", "--", "-"], "files", nil),
    (["filter", "-"], "none", "--kernel"), (["filter", "learn", "--before", ""], "files", nil),
    (["import", "--fit", ""], "none", "stretch"),
    (["import", "--model", ""], "models", "resnet18"),
    (["classify", "--model", ""], "models", "objects"), (["train", ""], "directories", nil),
    (["summary", ""], "models", "lenet5"), (["gan", "sample", "--each", ""], "directories", nil),
    (["models", ""], "none", "--json"), (["no-such", ""], "none", nil),
  ]

  /// What the program answers the shells' scripts: which files, then words.
  @Test(arguments: places)
  func theProgramCompletes(line: [String], files: String, word: String?) throws {
    let lines = try work.vision(arguments: ["---complete"] + line).lines
    #expect(lines.first == files)
    let words = lines.dropFirst().map { $0.prefix { $0 != "\t" } }
    if let word {
      #expect(words.contains { $0 == word }, "\(words)")
    } else {
      #expect(words.isEmpty, "\(words)")
    }
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
      "unknown command 'fliter'; did you mean 'vision filter'?; see 'vision --help'"
    ),
    (
      "clasify in.png",
      "unknown command 'clasify'; did you mean 'vision classify'?; see 'vision --help'"
    ),
    ("modls", "unknown command 'modls'; did you mean 'vision models'?; see 'vision --help'"),
    (
      "--sobbel in.png",
      "unknown option '--sobbel'; did you mean 'vision filter --sobel'?; see 'vision --help'"
    ),
    (
      "sobel in.png",
      "unknown command 'sobel'; did you mean 'vision filter --sobel'?; see 'vision --help'"
    ),
    (
      "in.png",
      "unknown command 'in.png'; did you mean 'vision filter --sobel in.png' or 'vision classify in.png'?; see 'vision --help'"
    ),
    (
      "gan trian in",
      "unknown command 'trian'; did you mean 'vision gan train'?; see 'vision gan --help'"
    ),
    (
      "gan paint",
      "unknown command 'paint'; available: sample, interpolate, arithmetic, train, evaluate; see 'vision gan --help'"
    ),
    (
      "filter lern --before in.png",
      "no such file or command 'lern'; did you mean 'vision filter learn'?; see 'vision filter --help'"
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
    ("train in", "Missing expected argument '--out <run>'; see 'vision train --help'"),
  ])
  func whatIsMistypedGetsASuggestion(line: String, message: String) throws {
    try work.write(picture(), to: "in.png")
    let outcome = try work.vision(arguments: line.split(separator: " ").map(String.init))
    #expect(outcome.status == 64)
    #expect(outcome.error == "vision: \(message)\n")
  }

  @Test(arguments: [
    ("filter --so", "--sobel"), ("filter in.png --gau", "--gaussian"),
    ("filter --format j", "jpeg"), ("filter --format=j", "jpeg"), ("filter le", "learn"),
    ("filter --sobel le", ""), ("filter learn --be", "--before"),
    ("filter --direction ma", "magnitude"),
    ("filter --subsampling 4:2:2", "2"), ("help gan sam", "sample"), ("import --fit st", "stretch"),
    ("classify --model obj", "objects"), ("gan sam", "sample"),
  ])
  func bashCompletes(line: String, word: String) throws {
    #expect(try bash(completing: line) == (word.isEmpty ? [] : [word]))
  }

  /// Names that a shell which evaluates what it offers would run.
  static let traps = ["$(touch PWNED)", "`touch PWNED`", "a;touch PWNED", "$HOME \"quoted' it"]

  @Test(arguments: [
    "classify --model ", "summary ", "explain --model=", "train --from ", "filter --labels ",
    "import --model ", "gan sample --model ", "filter -o ", "filter ",
  ])
  func bashRunsNothingThatFilesAreCalled(line: String) throws {
    for name in Self.traps {
      try work.write("", to: "\(name)/\(name).safetensors")
      try work.write("", to: "\(name).onnx")
      try work.write("", to: "models/\(name).safetensors")
    }
    let offered = try bash(completing: line, models: work.url("models").path)
    #expect(!work.exists("PWNED"), "\(offered)")
    if line.contains("model") {
      for name in Self.traps {
        #expect(offered.contains(name) && offered.contains("\(name).onnx"), "\(offered)")
      }
    }
    for name in Self.traps {
      _ = try bash(completing: line + name.replacing(" ", with: "\\ ") + "/")
    }
    #expect(!work.exists("PWNED"))
  }

  /// What bash offers behind `vision`, as its readline would ask.
  private func bash(completing line: String, models: String = "") throws -> [String] {
    try work.write("vision " + line, to: ".line")
    let ask = #"""
      PATH=$(dirname "$VISION"):$PATH
      [[ '\#(models)' ]] && export VISION_MODELS='\#(models)'
      source <(vision --generate-completion-script bash)
      compopt() { :; }
      COMP_LINE=$(cat .line; echo .) COMP_LINE=${COMP_LINE%.} COMP_POINT=${#COMP_LINE}
      COMP_WORDS=() rest=$COMP_LINE
      while [[ $rest =~ ^([^\ :=]+|[:=])(.*)$ || $rest =~ ^\ +(.*)$ ]]; do
        if [[ $rest == ' '* ]]; then rest=${BASH_REMATCH[1]}; [[ $rest ]] || COMP_WORDS+=('')
        else COMP_WORDS+=("${BASH_REMATCH[1]}") rest=${BASH_REMATCH[2]}; fi
      done
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) current=${COMP_WORDS[COMP_CWORD]}
      [[ $current == [:=] ]] && current=''
      _vision vision "$current" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\n' "${COMPREPLY[@]}"
      """#
    try work.write(ask, to: ".ask.bash")
    let outcome = try work.shell("bash .ask.bash")
    #expect(outcome.error == "")
    return outcome.lines
  }

  @Test(arguments: CompletionShell.allCases)
  func everyShellHasAScript(shell: CompletionShell) throws {
    let script = try work.vision("--generate-completion-script", shell.rawValue)
    #expect(script.status == 0 && script.output.contains("---complete"))
    #expect(!script.output.contains("compgen -W") && !script.output.contains("eval"))
    try work.write(script.output, to: "script")
    let check = try work.shell(
      "command -v \(shell) >/dev/null || exit 0; \(shell) -n script")
    #expect(check.status == 0 && check.error == "")
    let joined = try work.vision("--generate-completion-script=\(shell)")
    #expect(joined.output == script.output)
  }

  enum CompletionShell: String, CaseIterable { case bash, zsh, fish }

  @Test func anUnknownShellIsNamed() throws {
    let outcome = try work.vision("--generate-completion-script", "tcsh")
    #expect(outcome.status == 64)
    #expect(
      outcome.error
        == "vision: no completion script for 'tcsh'; give one of bash, zsh, fish; see 'vision --help'\n"
    )
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
