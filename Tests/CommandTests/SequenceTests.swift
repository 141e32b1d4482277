import Foundation
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
        == "--size is for images, not for texts or series; see 'vision train --help'\n")
    #expect(
      try message("train data --out run --model resnet18", status: 64)
        == "there is no network resnet18 for such data; there are rnn, lstm, gru, conv1d, bag; see "
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
