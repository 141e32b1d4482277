import Foundation
import Images
import Testing

/// `vision train`, `evaluate` and `classify` on texts and series, with the real binary.
struct SequenceTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  private func vision(_ arguments: String) throws -> Outcome {
    try work.shell("\"$VISION\" \(arguments)")
  }

  /// Forty texts of each of two classes, of one to twenty words.
  private func writeTexts() throws {
    for (name, words) in [
      ("good", ["fine", "lovely", "great"]), ("bad", ["poor", "dull", "weak"]),
    ] {
      for number in 0..<40 {
        let text = (0...(number % 20)).map { place in
          place % 2 == 0 ? words[(number + place) % 3] : ["film", "plot", "it"][place % 3]
        }
        try work.write(text.joined(separator: " "), to: "data/\(name)/\(number).txt")
      }
    }
  }

  @Test func textsAreLearnedAndClassified() throws {
    try writeTexts()
    let trained = try vision(
      "train data --out run --model lstm --epochs 6 --batch 8 --learning-rate 0.01 --threads 1 --seed 2"
    )
    #expect(trained.status == 0, "\(trained.error)")
    let progress = trained.errorLines
    #expect(progress[0] == "texts of 2 classes: bad (36), good (36)")
    #expect(progress[1] == "72 training texts, 8 validation texts")
    #expect(progress[2] == "9 words, the last 500 of each text")
    #expect(
      progress[3].hasPrefix("lstm with ")
        && progress[3].hasSuffix(", 6 epochs, batch size 8, seed 2"))
    #expect(trained.output.contains("vision classify --model run/best.safetensors TEXTS"))

    let evaluated = try vision("evaluate --model run/best.safetensors data")
    #expect(
      evaluated.lines.first?.hasPrefix("accuracy 100.0 % of 80 texts") ?? false,
      "\(evaluated.output)")
    let classified = try vision(
      "classify --model run/best.safetensors data/good/7.txt data/bad/12.txt --csv")
    #expect(classified.status == 0)
    #expect(classified.lines[1].hasPrefix("data/good/7.txt,good,"))
    #expect(classified.lines[2].hasPrefix("data/bad/12.txt,bad,"))
    // Alone and among others the same; standard input as well.
    let alone = try work.shell(
      "\"$VISION\" classify --model run/best.safetensors --csv - < data/bad/12.txt")
    #expect(
      alone.lines[1] == classified.lines[2].replacingOccurrences(of: "data/bad/12.txt", with: "-"))
    try work.write(Data([0xFF, 0x41]), to: "odd/1.txt")
    try work.write("a great film", to: "odd/2.txt")
    let odd = try vision("classify --model run/best.safetensors odd")
    #expect(odd.status == 1)
    #expect(odd.error == "vision: odd/1.txt: is not a text in UTF-8\n")
    #expect(odd.lines.count == 1 && odd.lines[0].hasPrefix("odd/2.txt  good"))

    let report = try vision("evaluate --model run/best.safetensors data --json").output
    #expect(report.contains("\"texts\" : 80") && report.contains("\"texts\" : 40"))
    #expect(!report.contains("images"))
    let explained = try vision(
      "explain data/good/1.txt --class good --model run/best.safetensors -o why")
    #expect(explained.status == 0, "\(explained.error)")
    #expect(explained.output.contains("SPEAKS FOR GOOD"))
    #expect(work.exists("why/words.png") && work.exists("why/explanation.json"))
    // The word that is in good texts alone says most.
    let first = explained.lines.first { $0.hasPrefix("lovely") || $0.hasPrefix("film") }
    #expect(first?.hasPrefix("lovely") ?? false && first?.contains(" +") ?? false)
    let words = try JSONSerialization.jsonObject(
      with: Data(
        vision("explain data/good/1.txt --model run/best.safetensors -o why --json").output.utf8))
    let list = (words as? [String: Any])?["words"] as? [[String: Any]]
    #expect(list?.compactMap { $0["word"] as? String } == ["lovely", "plot"])
    #expect(
      try vision("explain data/good/1.txt --model run/best.safetensors -o why --layer x").error
        .contains("--filters and --layer are for models of images; this one takes texts"))
  }

  /// The embedding begins with given vectors and stays; gradients are written for each epoch.
  @Test func vectorsAndGradients() throws {
    try writeTexts()
    try work.write("fine 1 0 0\npoor 0 1 0\n", to: "vectors.txt")
    let trained = try vision(
      "train data --out run --network textbook-rnn --epochs 2 --batch 8 --vectors vectors.txt "
        + "--freeze embedding --profile-gradients --threads 1")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(trained.errorLines.contains("2 of the tokens have a vector in vectors.txt"))
    let rows = try String(decoding: work.read("run/gradients.csv"), as: UTF8.self).split(
      separator: "\n")
    #expect(rows[0] == "epoch,layer,steps_back,norm")
    #expect(rows.contains { $0.hasPrefix("1,rnn1.weight_hh,,") })
    #expect(rows.contains { $0.hasPrefix("2,embedding1,9,") })
    #expect(work.exists("run/gradients.png"))
    func message(_ arguments: String) throws -> String {
      let outcome = try vision("train data --out other " + arguments)
      #expect(outcome.status == 64 || outcome.status == 2)
      return outcome.error
    }
    #expect(try message("--vectors vectors.txt --one-hot").contains("choose one"))
    #expect(try message("--one-hot --freeze embedding").contains("the network has none"))
    #expect(try message("--freeze backbone").contains("--freeze requires --from"))
    #expect(try message("--as gaf").contains("data holds texts, which are not drawn"))
    #expect(try message("--vectors data").hasPrefix("vision: data: "))
    let oneHot = try vision(
      "train data --out hot --network rnn --one-hot --tokens characters --epochs 1 --threads 1")
    #expect(oneHot.status == 0, "\(oneHot.error)")
  }

  private func writeClip(_ path: String, step: Int, start: Int, frames: Int = 4) throws {
    for frame in 0..<frames {
      let place = ((start + step * frame) % 8 + 8) % 8
      let pixels = (0..<64).map { UInt8($0 % 8 == place ? 255 : 0) }
      try work.write(
        Image(layout: PixelLayout(width: 8, height: 8, channels: 1), bytes: pixels),
        to: "\(path)/\(frame).png")
    }
  }

  /// A bar that goes right or left: no frame alone tells which.
  @Test func clipsAreLearnedClassifiedAndExplained() throws {
    for (name, step) in [("left", -1), ("right", 1)] {
      for start in 0..<8 {
        for frames in [4, 5] {
          try writeClip(
            "clips/\(name)/\(start)-\(frames)", step: step, start: start, frames: frames)
        }
      }
    }
    let trained = try vision(
      "train clips --out run --network conv3d --epochs 10 --batch 8 --learning-rate 0.01 --threads 1 "
        + "--validation 0")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(trained.errorLines[0] == "clips of 2 classes: left (16), right (16)")
    #expect(trained.errorLines[2] == "4 to 5 frames of 8×8 pixels, gray")
    #expect(trained.output.contains("vision classify --model run/best.safetensors CLIPS"))
    let evaluated = try vision("evaluate --model run/best.safetensors clips")
    #expect(
      evaluated.lines.first?.hasPrefix("accuracy 100.0 % of 32 clips") ?? false,
      "\(evaluated.output)")
    try writeClip("odd/one", step: 1, start: 0, frames: 1)
    let classified = try vision("classify --model run/best.safetensors clips/left/3-4 odd --csv")
    #expect(classified.status == 1)
    #expect(classified.lines[1].hasPrefix("clips/left/3-4,left,"))
    #expect(classified.error == "vision: odd/one: has 1 frame; a clip needs two or more\n")
    let explained = try vision("explain clips/left/3-4 --model run/best.safetensors -o why")
    #expect(explained.status == 0, "\(explained.error)")
    #expect(work.exists("why/frames.png") && explained.output.contains("SPEAKS FOR LEFT"))
    // The same folders as images, where that is asked for.
    let images = try vision("train clips --as images --out images --epochs 1 --threads 1 --size 32")
    #expect(images.errorLines.contains { $0.contains("training images") }, "\(images.error)")
  }

  private func writeSeries(_ name: String, seed: Int, steps: Int) throws {
    var lines = [
      "@problemName Waves", "@timeStamps false", "@univariate true", "@classLabel true slow fast",
      "@data",
    ]
    for number in 0..<24 {
      let isFast = number % 2 == 1
      let values = (0..<(steps + number % 3)).map { step in
        let phase = Double(step) * (isFast ? 1.3 : 0.4) + Double(number * seed)
        return String(format: "%.4f", sin(phase) * 2 + 5)
      }
      lines.append(values.joined(separator: ",") + (isFast ? ":fast" : ":slow"))
    }
    try work.write(lines.joined(separator: "\n") + "\n", to: "waves/\(name).ts")
  }

  /// The test part is longer than anything that was learned from.
  @Test func seriesAreLearnedAndClassified() throws {
    try writeSeries("Waves_TRAIN", seed: 1, steps: 18)
    try writeSeries("Waves_TEST", seed: 2, steps: 25)
    let trained = try vision(
      "train waves --out run --epochs 12 --model gru --learning-rate 0.01 --threads 1")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(trained.errorLines[0] == "series of 2 classes: slow (12), fast (12)")
    #expect(
      trained.errorLines[1]
        == "24 training series, 0 validation series; the averaged weights of the last epoch are kept"
    )
    #expect(trained.errorLines[2] == "1 channel, 18 to 20 steps")
    let evaluated = try vision("evaluate --model run/best.safetensors waves --json")
    #expect(evaluated.status == 0, "\(evaluated.error)")
    let report =
      try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any]
    #expect((report?["accuracy"] as? Double ?? 0) > 0.9)
    let classified = try vision("classify --model run/best.safetensors waves/Waves_TEST.ts")
    #expect(classified.lines.count == 24)
    #expect(classified.lines[1].hasPrefix("waves/Waves_TEST.ts, series 2   fast"))
    let explained = try vision(
      "explain waves/Waves_TEST.ts --series 2 --model run/best.safetensors -o why --json")
    #expect(explained.output.contains("\"channels\""), "\(explained.error)")
    #expect(work.exists("why/steps.png"))
    #expect(
      try vision("explain waves/Waves_TEST.ts --series 25 --model run/best.safetensors -o why")
        .error
        == "vision: waves/Waves_TEST.ts: has no series 25; it has 24\n")
  }

  /// Series as images: drawn for people, and for a network.
  @Test func seriesBecomeImages() throws {
    try writeSeries("Waves_TRAIN", seed: 1, steps: 18)
    try writeSeries("Waves_TEST", seed: 2, steps: 25)
    let drawn = try vision("series draw waves --as recurrence --size 20 -o drawn")
    #expect(drawn.output == "24 images of 20×20 pixels in drawn\n", "\(drawn.error)")
    #expect(try work.image("drawn/slow/01.png").width == 20)
    #expect(try work.image("drawn/fast/24.png").channels == 1)
    let trained = try vision("train waves --as gaf --out run --epochs 20 --threads 1")
    #expect(trained.status == 0, "\(trained.error)")
    #expect(
      trained.errorLines[2]
        == "1 channel, 18 to 20 steps, drawn as Gramian angular fields of 24×24 pixels")
    let evaluated = try vision("evaluate --model run/best.safetensors waves --json")
    #expect(evaluated.output.contains("\"series\" : 24"), "\(evaluated.error)")
    let explained = try vision(
      "explain waves/Waves_TEST.ts --model run/best.safetensors -o why")
    #expect(explained.status == 0 && work.exists("why/pixels.png"), "\(explained.error)")
    #expect(
      try vision("train waves --as gaf --size 4 --out other").error.contains(
        "size 4: must be between 8 and 512"))
  }

  @Test func mistakesAreNamed() throws {
    try writeTexts()
    func message(_ arguments: String, status: Int32 = 2) throws -> String {
      let outcome = try vision(arguments)
      #expect(outcome.status == status, "\(arguments)")
      return outcome.error.replacingOccurrences(of: "vision: ", with: "")
    }
    #expect(
      try message("train data --out run --size 32", status: 64)
        == "--size is not for texts; see 'vision train --help'\n")
    #expect(
      try message("train data --out run --model resnet18", status: 64)
        == "there is no network resnet18 for such data; there are rnn, lstm, gru, conv1d, bag, textbook-rnn, "
        + "textbook-lstm; see "
        + "'vision train --help'\n")
    try work.write("only one", to: "one/a/1.txt")
    #expect(
      try message("train one --out run")
        == "one: a classifier needs examples of two or more classes\n")
    try work.write("class,text\n1,\"a\n", to: "bad.csv")
    #expect(try message("train bad.csv --out run").hasPrefix("bad.csv: "))
    try work.write("class,text\n1,a\n2,b\n", to: "t.csv")
    #expect(
      try message("train t.csv --out run --text body")
        == "t.csv: has no column body; it has class, text\n")
  }
}
