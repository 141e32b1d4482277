import Foundation
import Images
import Testing

/// `vision train`, and what is done with what it made, with the real binary and pictures that are told
/// apart by their color.
struct TrainTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  /// A network and a recipe that take a moment.
  private static let small = "--model small-cnn --size 20 --batch 6 --threads 1 --seed 3"

  private func train(_ arguments: String) throws -> Outcome {
    try work.shell("\"$VISION\" train \(arguments)")
  }

  /// Ten pictures of each of three colors, in noise; of several sizes, formats, depths and modes.
  private func writePictures(_ folder: String = "data", count: Int = 10) throws {
    for (name, color) in [("blue", [0, 0, 200]), ("green", [0, 200, 0]), ("red", [200, 0, 0])] {
      for number in 0..<count {
        let hasAlpha = number % 5 == 1
        let isWide = number % 5 == 2
        let side = 16 + 7 * (number % 3)
        let layout = PixelLayout(
          width: side, height: side + number % 4, channels: hasAlpha ? 4 : 3,
          sample: isWide ? .uint16 : .uint8)
        let bytes = (0..<layout.width * layout.height).flatMap { pixel in
          (0..<layout.channels).flatMap { channel -> [UInt8] in
            let noise = (pixel &* 2_654_435_761 >> 7 &+ channel &* 91 &+ number &* 57) & 31
            let value = UInt8(channel < 3 ? color[channel] + noise : 255)
            return Array(repeating: value, count: layout.sample.byteCount)
          }
        }
        let ending = number % 5 == 3 ? "jpg" : "png"
        try work.write(
          Image(layout: layout, bytes: bytes), to: "\(folder)/\(name)/\(10 + number).\(ending)")
      }
    }
  }

  @Test func trainsMeasuresAndClassifies() throws {
    try writePictures()
    let trained = try train("data --out runs/one --epochs 4 --name colors \(Self.small)")
    #expect(trained.status == 0)
    let progress = trained.errorLines
    #expect(progress.count == 8)
    #expect(progress[0] == "3 classes: blue (9), green (9), red (9)")
    #expect(progress[1] == "27 training images, 3 validation images")
    #expect(progress[2].hasPrefix("small-cnn with "))
    #expect(
      progress[2].hasSuffix(
        " parameters, 20×20 pixels, 4 epochs, batch size 6, fp32, seed 3"))
    #expect(progress[3].split(separator: " ").first == "epoch")
    #expect(progress[4...7].map { $0.split(separator: " ").first } == ["1/4", "2/4", "3/4", "4/4"])
    let lines = trained.lines
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("best:    epoch "))
    #expect(lines[1] == "model:   runs/one/best.safetensors")
    #expect(lines[2].hasPrefix("figures: runs/one/curves.png, runs/one/confusion.png"))
    #expect(lines[3] == "next:    vision classify --model runs/one/best.safetensors IMAGES")
    for name in ["config.json", "log.json", "curves.png", "confusion.png", "last.checkpoint"] {
      #expect(work.exists("runs/one/\(name)"), "\(name)")
    }
    let log = String(decoding: try work.read("runs/one/log.csv"), as: UTF8.self)
    #expect(log.hasPrefix("epoch,step,learning_rate,loss,accuracy,validation_loss,validation_acc"))
    #expect(log.split(separator: "\n").count == 5)

    let classified = try work.shell(
      "\"$VISION\" classify data/red data/blue --model runs/one/best.safetensors --csv")
    #expect(classified.status == 0)
    let labels = classified.lines.dropFirst().map { $0.split(separator: ",")[1] }
    #expect(labels == Array(repeating: "red", count: 10) + Array(repeating: "blue", count: 10))

    let evaluated = try work.shell(
      "\"$VISION\" evaluate --model runs/one/best.safetensors data --json")
    #expect(evaluated.status == 0 && evaluated.error == "")
    let report = try #require(
      try JSONSerialization.jsonObject(with: evaluated.outputBytes) as? [String: Any])
    #expect(report["accuracy"] as? Double == 1)
    #expect(report["images"] as? Int == 30)
    #expect(report["confusion"] as? [[Int]] == [[10, 0, 0], [0, 10, 0], [0, 0, 10]])

    let summary = try work.vision("summary", "runs/one/best.safetensors")
    #expect(summary.status == 0 && summary.output.contains("vision train data --out runs/one"))
  }

  /// Without an average, validation reads the very weights that training places, where the two may
  /// want them in different orders.
  @Test func validatesTheLastWeights() throws {
    try writePictures()
    let outcome = try train("data --out run --epochs 3 --ema-epochs 0 --no-flip-tta \(Self.small)")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains { $0.hasPrefix("best:    epoch ") })
  }

  @Test(
    arguments: ["sgd", "nesterov", "muon", "adam", "adamw", "rmsprop", "adagrad", "adadelta"])
  func followsEachOptimizer(name: String) throws {
    try writePictures(count: 4)
    let trained = try train(
      "data --out run --epochs 8 --validation 0 --augment none --optimizer \(name) "
        + "--weight-decay 0.001 \(Self.small)")
    #expect(trained.status == 0)
    let losses = String(decoding: try work.read("run/log.csv"), as: UTF8.self)
      .split(separator: "\n").dropFirst().compactMap { Double($0.split(separator: ",")[3]) }
    #expect(losses.count == 8)
    #expect(try #require(losses.last) < losses[0], "\(losses)")
    let config = String(decoding: try work.read("run/config.json"), as: UTF8.self)
    #expect(config.contains("muon") == (name == "muon"))
  }

  /// Ctrl-C after the first epoch, then the same command again.
  @Test func interruptedAndResumedEndsWithTheSameBytes() throws {
    try writePictures()
    let command =
      "\"$VISION\" train ../data --out run --epochs 20 --augment flip,shift --dropout 0.2 \(Self.small)"
    let whole = try work.shell("mkdir whole; cd whole; \(command)")
    #expect(whole.status == 0)
    let broken = try work.shell(
      """
      mkdir broken; cd broken
      \(command) & process=$!
      until [ -s run/log.csv ]; do kill -0 $process || exit 9; done
      kill -INT $process; wait $process
      """)
    #expect(broken.status == 2)
    #expect(broken.lines.contains { $0.hasPrefix("interrupted at step ") })
    let resumed = try work.shell("cd broken; \(command)")
    #expect(resumed.status == 0)
    #expect(resumed.errorLines.contains { $0.hasPrefix("resuming after epoch ") })
    for name in ["log.csv", "best.safetensors", "last.checkpoint", "config.json"] {
      #expect(try work.read("whole/run/\(name)") == work.read("broken/run/\(name)"), "\(name)")
    }
    // Nothing is left to be done, and the folder is that of these settings.
    #expect(!(try work.shell("cd broken; \(command)").error.contains("20/20")))
    let other = try work.shell("cd broken; \(command) --learning-rate 0.25")
    #expect(other.status == 2)
    #expect(other.error.contains("recipe.learningRate was "), "\(other.error)")
    // Other images are warned of; the run keeps the statistics of those it was begun with.
    _ = try work.shell("cd data/red; cp 10.png 11.png")
    let replaced = try work.shell("cd broken; \(command)")
    #expect(replaced.status == 0, "\(replaced.error)")
    #expect(replaced.error.contains("names or sizes of files have changed"))
    // More epochs continue it.
    let more = try work.shell("cd broken; \(command) --epochs 22")
    #expect(more.status == 0 && more.error.contains("22/22") && !more.error.contains("20/22"))
  }

  /// Three images against twenty: seen as often, and judged by class.
  /// What a budget chose is kept: the same command goes on, however long steps take by then.
  @Test func aBudgetChoosesAndIsKept() throws {
    try writePictures()
    let command = "data --out run --budget 1s --model small-cnn --size 20 --batch 6 --threads 1"
    let first = try train(command)
    #expect(first.status == 0)
    let choice = try #require(
      first.errorLines.first { $0.hasPrefix("chosen for the time given: ") })
    #expect(choice.contains("--network small-cnn --size 20 --epochs "))
    let log = try work.read("run/log.csv")
    let again = try train(command)
    #expect(again.status == 0, "\(again.error)")
    #expect(again.errorLines.contains(choice))
    #expect(try work.read("run/log.csv") == log)
    for (option, message) in [
      ("--budget 10", "--budget"),
      ("--budget 1s --epochs 3", "give --budget or --epochs, not both"),
    ] {
      let wrong = try train("data --out other \(option)")
      #expect(wrong.status == 64 && wrong.error.contains(message), "\(wrong.error)")
    }
  }

  /// Without options, what the data chose is said in options.
  @Test func theChoiceIsSaid() throws {
    try writePictures(count: 4)
    let outcome = try train("data --out run --seed 1 --network small-cnn --size 20 --epochs 1")
    #expect(!outcome.error.contains("chosen"))
    let unset = try train("data --out unset --threads 1 --validation 0.25 --patience 1")
    #expect(unset.status == 0)
    #expect(
      unset.errorLines.contains {
        $0.hasPrefix("chosen for these images: --network whitened-cnn --size ")
      },
      "\(unset.error)")
  }

  @Test func smallClassesAreBalanced() throws {
    try writePictures(count: 20)
    _ = try work.shell("rm data/green/1[3-9].* data/green/2*; rm -r data/blue")
    let trained = try train("data --out run --epochs 2 --balance \(Self.small)")
    #expect(trained.status == 0, "\(trained.error)")
    // Eighteen and two images become eighteen and eighteen: six steps an epoch.
    let steps = String(decoding: try work.read("run/log.csv"), as: UTF8.self).split(separator: "\n")
      .dropFirst().map { $0.split(separator: ",")[1] }
    #expect(steps == ["6", "12"])
    let evaluated = try work.shell(
      "\"$VISION\" evaluate --model run/best.safetensors data --json")
    let report = try #require(
      try JSONSerialization.jsonObject(with: evaluated.outputBytes) as? [String: Any])
    #expect(report["balancedAccuracy"] as? Double != nil)
  }

  /// A list in place of folders, and classes with other names.
  @Test func learnsFromAList() throws {
    try writePictures(count: 4)
    _ = try work.shell(
      "cd data; (echo path,class; for c in blue green red; do for f in $c/*; do echo $f,$c; done; done)"
        + " > list.csv")
    let trained = try train("data/list.csv --out run --epochs 1 \(Self.small)")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(trained.errorLines.first == "3 classes: blue (3), green (3), red (3)")
  }

  @Test func numberedFoldersGetNames() throws {
    try writePictures(count: 4)
    _ = try work.shell("cd data; mv blue 10; mv green 2; mv red 1")
    let trained = try train(
      "data --out run --epochs 1 --class-names one,two,ten \(Self.small)")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(
      trained.errorLines.prefix(2) == [
        "class names: 1 = one, 2 = two, 10 = ten",
        "3 classes: one (3), two (3), ten (3)",
      ])
    let evaluated = try work.shell("\"$VISION\" evaluate --model run/best.safetensors data")
    #expect(evaluated.status == 0 && evaluated.lines[0].contains("of 12 images"))
    // One class alone can be measured, too.
    let one = try work.shell(
      "mkdir -p part; cp -r data/10 part/ten; \"$VISION\" evaluate --model run/best.safetensors part"
    )
    #expect(one.status == 0 && one.lines[0].contains("of 4 images"), "\(one.error)")
  }

  @Test func aDamagedPictureIsNamedAndLeftOut() throws {
    try writePictures()
    let good = Array(try picture(width: 40, height: 40).encoded())
    try work.write(Data(good.prefix(good.count / 2)), to: "data/red/15-cut.png")
    try work.write("no picture", to: "data/red/notes.txt")
    let outcome = try train("data --out run --epochs 1 \(Self.small)")
    #expect(outcome.status == 1)
    #expect(outcome.errorLines[0] == "vision: data: skipped 1 file that is not an image")
    #expect(outcome.errorLines[1].hasPrefix("vision: data/red/15-cut.png: "))
    #expect(outcome.errorLines[1].hasSuffix("; skipped"))
    #expect(!outcome.error.contains("--lenient"), "which train does not have")
    #expect(outcome.errorLines.contains("27 training images, 3 validation images"))
  }

  @Test func whereNoPictureCanBeReadAllAreNamed() throws {
    let good = Array(try picture(width: 40, height: 40).encoded())
    for name in ["a/1.png", "a/2.png", "b/3.png", "b/4.png"] {
      try work.write(Data(good.prefix(100)), to: "data/\(name)")
    }
    try work.write("no picture", to: "data/b/5.png")
    let outcome = try train("data --out run --epochs 1 \(Self.small)")
    #expect(outcome.status == 2 && outcome.errorLines.count == 6)
    let named = ["b/5.png", "a/1.png", "a/2.png", "b/3.png", "b/4.png"]
    for (line, name) in zip(outcome.errorLines, named) {
      #expect(line.hasPrefix("vision: data/\(name): ") && line.hasSuffix("; skipped"), "\(line)")
    }
    #expect(outcome.errorLines.last == "vision: data: none of the 4 images can be read")
    #expect(!work.exists("run"))
  }

  @Test(arguments: [
    "ph/run", "./ph/../ph/run/", "ph", "link/deep/run", "ph/new/../run", "other/back/run",
  ])
  func aRunFolderInTheDataIsRefused(out: String) throws {
    try writePictures("ph", count: 2)
    _ = try work.shell("ln -s ph link; mkdir other; ln -s ../ph other/back")
    for command in ["train", "gan train"] {
      let outcome = try work.shell("\"$VISION\" \(command) ph/ -o \(out) --epochs 1")
      #expect(outcome.status == 64 && outcome.output == "")
      #expect(
        outcome.error == "vision: --out \(out): is inside the data; choose one outside ph/; "
          + "see 'vision \(command) --help'\n")
      #expect(!work.exists("ph/run") && !work.exists("ph/deep"))
    }
    let validation = try train("link --validation-data ph --out ph/run \(Self.small)")
    #expect(validation.status == 64)
  }

  @Test func aRunFolderBesideTheDataMayHaveItsNameAtTheBeginning() throws {
    try writePictures("ph", count: 2)
    #expect(try train("ph --out ph-run --epochs 1 \(Self.small)").status == 0)
  }

  @Test func aClassWithOnePictureIsNamed() throws {
    try writePictures()
    try work.write(flat([10, 200, 200]), to: "data/cyan/only.png")
    let outcome = try train("data --out run --epochs 1 \(Self.small)")
    #expect(outcome.status == 0)
    #expect(
      outcome.errorLines[0]
        == "vision: data/cyan: only one image, used for training, not for validation")
    // It can be measured like any other.
    let evaluated = try work.shell("\"$VISION\" evaluate --model run/best.safetensors data")
    #expect(evaluated.status == 0 && evaluated.error == "")
    #expect(evaluated.lines[0].contains(" of 31 images"))
  }

  @Test func whatCannotBeLearntFromIsRefused() throws {
    try writePictures("three", count: 2)
    try FileManager.default.createDirectory(
      at: work.url("empty"), withIntermediateDirectories: true)
    try work.write(flat([1, 2, 3]), to: "one/single/a.png")
    try work.write(flat([1, 2, 3]), to: "flat/a.png")
    for (arguments, message) in [
      (
        "empty --out run",
        "empty: contains no images; expected one subdirectory per class"
      ),
      (
        "one --out run",
        "one: only one class, single; a classifier needs two or more subdirectories"
      ),
      (
        "flat --out run",
        "flat: contains images but no class subdirectories; put the images of each class"
      ),
      ("none --out run", "none: No such file or directory"),
      ("flat/a.png --out run", "flat/a.png: is not a directory"),
      ("three --out flat/a.png", "flat/a.png: is not a directory; use another run folder (--out)"),
      (
        "three --out flat/a.png/run",
        "flat/a.png: is not a directory; use another run folder (--out)"
      ),
      ("three --out run --validation-data empty", "empty: contains no images"),
      ("three --out run --validation-data one", "one: class single is unknown; known: blue"),
    ] {
      let outcome = try train("\(arguments) --epochs 1 \(Self.small)")
      #expect(outcome.status == 2)
      #expect(outcome.output == "" && outcome.errorLines.count == 1)
      #expect(outcome.error.hasPrefix("vision: \(message)"), "\(outcome.error)")
      #expect(!work.exists("run"))
    }
  }

  @Test(.enabled(if: geteuid() != 0, "the super-user may read everything"))
  func anUnreadableFolderIsNamed() throws {
    try writePictures()
    let outcome = try work.shell(
      "chmod 0 data/red; \"$VISION\" train data --out run --epochs 1 \(Self.small); chmod 755 data/red"
    )
    #expect(outcome.error.contains("vision: data/red: Permission denied; skipped"))
    #expect(outcome.errorLines.contains("2 classes: blue (9), green (9)"))
  }

  @Test func usage() throws {
    try writePictures(count: 2)
    for (options, message) in [
      ("", "Missing expected argument '--out <run>'"),
      (
        "--out run --model nothing",
        "unknown architecture \"nothing\"; available: perceptron, mlp, lenet5,"
      ),
      ("--out run --augment flip,twirl", "--augment twirl: expected flip, shift"),
      ("--out run --size 0", "--size 0: must be between 1 and 4096"),
      ("--out run --epochs 0", "--epochs 0: must be between 1 and 1,000,000"),
      ("--out run --learning-rate 0", "--learning-rate 0.0: must be above 0"),
      ("--out run --optimizer adamax", "The value 'adamax' is invalid for '--optimizer"),
      ("--out run --validation 1", "--validation 1.0: must be at least 0 and less than 1"),
      ("--out run --threads 0", "--threads 0: must be between 1 and 1024"),
      ("--out run --model small-cnn --size 8", "does not fit into"),
      ("--out run --class-names one,one,two", "--class-names has one 2 times; give each once"),
    ] {
      let outcome = try train("data \(options)")
      #expect(outcome.status == 64, "\(options): \(outcome.error)")
      #expect(outcome.output == "" && outcome.errorLines.count == 1)
      #expect(outcome.error.contains(message), "\(outcome.error)")
      #expect(!work.exists("run"))
    }
  }

  /// `/dev/full` refuses every byte, as a full disk does.
  @Test(arguments: ["best.safetensors", "log.csv"])
  func aFullDiskEndsTheTraining(file: String) throws {
    try writePictures(count: 4)
    let outcome = try work.shell(
      "mkdir run; ln -s /dev/full run/\(file); \"$VISION\" train data --out run --epochs 2 \(Self.small)"
    )
    #expect(outcome.status == 2)
    let message = try #require(outcome.errorLines.last)
    #expect(message.hasPrefix("vision: run/\(file): "), "\(message)")
    #expect(message.contains("No space left on device"), "\(message)")
  }
}
