import Foundation
import TestSupport
import Testing

/// What all commands refuse alike: one line each, and the exit code tells.
struct CommandErrorTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    try work.write(picture(width: 8, height: 8), to: "in.png")
    let model = try ColorClassifier.file()
    try model.write(to: work.url("net.safetensors").path)
  }

  @Test(arguments: [
    ["classify", "--model", "net.safetensors", "in.png", "--sheet", "in.png"],
    ["export", "net.safetensors", "-o", "net.safetensors"],
    ["import", "net.safetensors", "--model", "net.safetensors", "-o", "./net.safetensors"],
    ["filter", "learn", "--before", "in.png", "--after", "in.png", "-o", "in.png"],
  ])
  func aResultReplacesNothingThatItIsMadeOf(arguments: [String]) throws {
    let before = ["in.png", "net.safetensors"].map { try? Data(contentsOf: work.url($0)) }
    let outcome = try work.vision(arguments: arguments)
    #expect(outcome.status == 64 && outcome.error.contains("is read, too"), "\(outcome.error)")
    #expect(before == ["in.png", "net.safetensors"].map { try? Data(contentsOf: work.url($0)) })
  }

  /// A training replaces files in its run folder: nothing that it reads may be there, whatever link
  /// leads to it.
  @Test(arguments: [
    "train data --from run/best.safetensors --out run",
    "train data --from link.safetensors --out ./run/",
    "train data --card run/config.json --out run",
    "gan train data --card run/config.json --out run",
  ])
  func aTrainingReplacesNothingThatItReads(arguments: String) throws {
    for (index, path) in ["data/a/0.png", "data/a/1.png", "data/b/0.png", "data/b/1.png"]
      .enumerated()
    {
      try work.write(picture(width: 8, height: 8, seed: index), to: path)
    }
    try work.write(Data(#"{"summary": "mine"}"#.utf8), to: "run/config.json")
    try FileManager.default.copyItem(
      at: work.url("net.safetensors"), to: work.url("run/best.safetensors"))
    try FileManager.default.createSymbolicLink(
      at: work.url("link.safetensors"), withDestinationURL: work.url("run/best.safetensors"))
    let files = ["run/best.safetensors", "run/config.json"].map(work.url)
    let before = files.map { try? Data(contentsOf: $0) }
    let outcome = try work.vision(arguments: arguments.split(separator: " ").map(String.init))
    #expect(outcome.status == 64, "\(outcome.error)")
    #expect(outcome.error.contains("which is read; choose another one"), "\(outcome.error)")
    #expect(before == files.map { try? Data(contentsOf: $0) })
  }

  /// A file that is missing or cannot be written stops the run; a value that cannot be is wrong usage.
  @Test(arguments: [
    (["filter", "--kernel", "@none", "in.png"], 2, "--kernel @none: cannot open: "),
    (["filter", "--sobel", "--stride", "65536", "in.png"], 64, "--stride: "),
    (["filter", "learn", "--before", "in.png", "--after", "in.png", "--size", "32"], 64, "--size"),
    (["filter", "learn", "--before", "in.png", "--after", "in.png", "-o", "no/k"], 2, "no/k: "),
    (["classify", "in.png", "--labels", "none"], 2, "--labels none: cannot open: "),
    (["train", "data", "--out", "run", "--card", "none"], 2, "--card none: cannot open: "),
    (["train", "data", "--out", "run", "--card", "in.png"], 2, "--card in.png: expected a JSON"),
    (["import", "net.safetensors", "--model", "none", "-o", "new"], 2, "no architecture or file"),
    (["import", "net.safetensors", "--model", "net.safetensors", "-o", "-"], 64, "-o -: "),
    (["export", "net.safetensors", "-o", "-"], 64, "-o -: "),
    (["classify", "--model", "net.safetensors", "in.png", "--mean", "0.5"], 2, "remove --pre"),
    (["classify", "--model", "net.safetensors", "in.png", "--size", "9"], 2, "remove --size"),
    (["help", "nonsense"], 64, "unknown command 'nonsense'"),
  ])
  func exitCodes(arguments: [String], status: Int32, says: String) throws {
    let outcome = try work.vision(arguments: arguments)
    #expect(outcome.status == status, "\(outcome.error)")
    #expect(outcome.errorLines.last?.contains(says) == true, "\(outcome.error)")
  }

  @Test(arguments: [
    ("train . --out run --epochs 1.5", "--epochs <n>': give a whole number; see 'vision train"),
    ("train . --out run --freeze all", "<none|backbone|embedding|n>': give none, backbone,"),
    ("classify in.png --threshold half", "--threshold <p>': give a number; see"),
    ("filter --sobel in.png --max-memory 1X", "<bytes>': give a number of bytes such as 512M"),
    ("train . --out run --optimizer sdg", "--optimizer <name>': give one of sgd, nesterov, "),
    ("gan sample --seeds 3-1", "--seeds <list>': give seeds such as 3,8,21 or 0-15; see"),
  ])
  func whatToGiveInThePlaceOfAValue(arguments: String, says: String) throws {
    let outcome = try work.vision(arguments: arguments.split(separator: " ").map(String.init))
    #expect(outcome.status == 64 && outcome.error.contains(says), "\(outcome.error)")
  }

  @Test(arguments: [
    ["train", "a\nb", "--out", "run"], ["classify", "--model", "a\nb", "in.png"], ["a\nb"],
    ["export", "net.safetensors", "--output", "no/a\nb"],
  ])
  func aMessageIsOneLine(arguments: [String]) throws {
    let outcome = try work.vision(arguments: arguments)
    #expect(outcome.status != 0 && outcome.errorLines.count == 1, "\(outcome.error)")
    #expect(outcome.error.contains("a\\x0Ab"), "\(outcome.error)")
  }

  /// Paths of models and data are texts; another name must not be taken for the one that was meant.
  @Test(arguments: [
    "export net.safetensors -o", "gan sample -n 1 -o", "train . --out", "summary",
    "classify in.png --model",
  ])
  func otherBytesThanUTF8AreRefusedWhereTheyWouldBeLost(command: String) throws {
    let before = try work.files()
    let outcome = try work.shell("$VISION \(command) \"$(printf 'x\\377.y')\"")
    #expect(outcome.status == 64 && outcome.error.contains("x\\xFF.y: "), "\(outcome.error)")
    #expect(try work.files() == before)
  }
}

/// Whatever a run reads is not replaced by what it writes, through whatever names and links.
@Suite struct OutputOverInputTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test(arguments: [
    ["explain", "grad-cam.png", "-o", "."],
    ["explain", "filters.png", "-o", "."],
    ["gan", "sample", "--model", "faces.safetensors", "-o", "faces.safetensors"],
    ["gan", "sample", "--model", "faces.safetensors", "--each", ".", "--seed", "5", "-n", "1"],
    ["gan", "interpolate", "--seeds", "1,2", "--model", "faces.safetensors", "-o", "link.png"],
    [
      "gan", "arithmetic", "--from", "1", "--minus", "2", "--plus", "3", "--model",
      "faces.safetensors", "-o", "hard.png",
    ],
    ["gan", "evaluate", "data", "--neighbors", "data/below/x.png"],
    ["gan", "evaluate", "data", "--neighbors", "grad-cam.png"],
    ["import", "faces.safetensors", "--model", "resnet20", "-o", "link.png"],
    ["import", "w.pt", "--model", "arch.json", "-o", "arch.json"],
    ["import", "w.pt", "--model", "resnet20", "--labels", "names.txt", "-o", "names.txt"],
    ["import", "w.pt", "--model", "resnet20", "--card", "card.json", "-o", "card.json"],
    ["export", "faces.safetensors", "-o", "hard.png"],
    ["classify", "grad-cam.png", "--model", "faces.safetensors", "--sheet", "hard.png"],
    ["filter", "learn", "--before", "grad-cam.png", "--after", "filters.png", "-o", "filters.png"],
  ])
  func inputsAreNotReplaced(arguments: [String]) throws {
    let manager = FileManager.default
    for name in ["grad-cam.png", "filters.png"] { try work.write(picture(), to: name) }
    for name in ["faces.safetensors", "w.pt", "arch.json", "names.txt", "card.json"] {
      try work.write("{}", to: name)
    }
    try manager.createDirectory(at: work.url("data/below"), withIntermediateDirectories: true)
    try manager.linkItem(at: work.url("grad-cam.png"), to: work.url("data/below/x.png"))
    try manager.createSymbolicLink(
      at: work.url("link.png"), withDestinationURL: work.url("faces.safetensors"))
    try manager.linkItem(at: work.url("faces.safetensors"), to: work.url("hard.png"))
    try manager.linkItem(at: work.url("faces.safetensors"), to: work.url("seed-5.png"))
    let before = try work.files().map { try work.read($0) }
    let outcome = try work.vision(arguments: arguments)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains(": is read, too; give another file"), "\(outcome.error)")
    #expect(try work.files().map { try work.read($0) } == before)
  }
}
