import Datasets
import ModelFiles
import Tensors
import TestSupport
import Testing

/// Texts and series as examples.
@Suite struct SequenceTests {
  @Test func textsBecomeWords() {
    let words = TextPreprocessing()
    #expect(
      words.tokens(of: "Don't stop!<br /><br />It’s 'fine', 3<4 & ÉCOLE")
        == ["don't", "stop", "it's", "fine", "3", "4", "école"])
    #expect(words.tokens(of: " …! ").isEmpty)
    let pairs = TextPreprocessing(ngrams: 2)
    #expect(pairs.tokens(of: "a b c") == ["a", "b", "a b", "c", "b c"])
    let characters = TextPreprocessing(unit: .characters)
    #expect(characters.tokens(of: "Ab\n\n c") == ["A", "b", " ", "c"])
  }

  /// The most frequent first, equals by the alphabet; 1 is unknown, the last tokens are kept.
  @Test func vocabularyAndNumbers() {
    let learned = TextPreprocessing(maxTokens: 3).learned(
      from: ["b a b", "c a b", "d"], size: 3)
    #expect(learned.vocabulary == ["b", "a", "c"])
    #expect(learned.tokenCount == 5)
    let numbers = TokenNumbers(learned)
    #expect(numbers.sequence(of: "a d b c").values == [1, 2, 4])
    #expect(numbers.sequence(of: "?").steps == 0)
  }

  private func examples(_ steps: [Int]) -> LabeledExamples<FeatureSequence> {
    LabeledExamples(
      classNames: ["a", "b"], labels: steps.indices.map { $0 % 2 },
      names: steps.indices.map { "series \($0)" },
      elements: steps.map {
        FeatureSequence(features: 2, values: (0..<(2 * $0)).map { Float($0 + 1) })
      })
  }

  /// Examples are filled up to their bucket's steps, and longer ones lose their beginning.
  @Test func bucketsFillUp() throws {
    let source = SequenceExamples(
      examples([2, 5, 3]), bucketSteps: [3, 4, 9], areTokens: false, classCount: 2)
    #expect(source.usedSteps == [3, 9])
    #expect((0..<3).map(source.bucket) == [0, 1, 0])
    #expect(source.slots(bucket: 1).map(\.shape) == [[2, 9], [1], [2]])
    let loader = Loader(source, batchSize: 2)
    func values(_ name: String, _ count: Int, _ batch: ExampleBatch) -> [Float] {
      [Float](unsafeUninitializedCapacity: count) { buffer, used in
        _ = batch.write(name, to: buffer)
        used = count
      }
    }
    loader.next { batch in
      #expect(batch.bucket == 0 && batch.indices == [0, 2])
      #expect(values("sequence", 12, batch) == [1, 2, 0, 3, 4, 0, 1, 2, 3, 4, 5, 6])
      #expect(values("lengths", 2, batch) == [2, 3])
      #expect(values("class", 4, batch) == [1, 0, 1, 0])
    }
    let short = SequenceExamples(examples([5]), bucketSteps: [2], areTokens: false)
    Loader(short, batchSize: 1).next { batch in
      #expect(values("sequence", 4, batch) == [4, 5, 9, 10])
      #expect(values("lengths", 1, batch) == [2])
    }
  }

  /// Lengths say nothing where all are the bucket's own, or longer and cut.
  @Test func fullBuckets() {
    let source = SequenceExamples(
      examples([3, 5, 3, 9, 12]), bucketSteps: [3, 8, 9], areTokens: false)
    #expect(source.usedSteps == [3, 8, 9])
    #expect((0..<3).map(source.isFull) == [true, false, true])
  }

  @Test func bucketStepsFollowTheLengths() {
    #expect(SequenceExamples.bucketSteps(for: examples([7, 7]), count: 4) == [7])
    let spread = SequenceExamples.bucketSteps(for: examples(Array(1...100)), count: 4)
    #expect(spread == [32, 56, 80, 100])
  }

  @Test func seriesAreScaledByTheTrainingPart() {
    let scale = SeriesPreprocessing(of: [
      FeatureSequence(features: 2, values: [1, 3, 5, 5]),
      FeatureSequence(features: 2, values: [5, 5]),
    ])
    #expect(scale.mean == [3, 5])
    #expect(abs(scale.std[0] - (8.0 / 3).squareRoot()) < 1e-6 && scale.std[1] == 1)
    let made = scale.normalized(FeatureSequence(features: 2, values: [3, 5, 6, 4]))
    #expect(made.values[0] == 0 && made.values[2] == 1 && made.values[3] == -1)
  }

  private static let archive = """
    #a comment
    @problemName Two
    @timeStamps false
    @univariate false
    @classLabel true up down
    @data
    1,2,3:4,5,6:up
    3,2:6,5:down
    """

  @Test func archivesOfSeries() throws {
    let folder = TemporaryFolder()
    let file = folder.path + "/Two_TRAIN.ts"
    folder.write(Array((Self.archive).utf8), to: "Two_TRAIN.ts")
    folder.write(
      Array((Self.archive.replacing("up down", with: "down up")).utf8), to: "Two_TEST.ts")
    let splits = try #require(try SequenceSplits(path: folder.path))
    guard case .series(let training) = splits.training, case .series(let test)? = splits.test else {
      Issue.record("expected series")
      return
    }
    #expect(training.classNames == ["up", "down"] && training.labels == [0, 1])
    #expect(test.classNames == ["up", "down"] && test.labels == [0, 1])
    #expect(training.elements[1] == FeatureSequence(features: 2, values: [3, 2, 6, 5]))
    #expect(training.names[1] == "\(file), series 2")
  }

  @Test(arguments: [
    ("1,2:3:up", "series 1: its dimensions have 2 and 1 steps"),
    ("1,?:3,4:up", "series 1: \"?\" is not a number; fill gaps first"),
    ("1,nan:3,4:up", "series 1: \"nan\" is not a number; fill gaps first"),
    ("1,2:3,4:left", "series 1: its class left is not among those that the file names"),
    ("up", "series 1: holds no numbers"),
  ])
  func damagedSeriesAreNamed(_ line: String, _ problem: String) throws {
    let folder = TemporaryFolder()
    let head = Self.archive.split(separator: "\n").prefix(6).joined(separator: "\n")
    folder.write(Array((head + "\n" + line + "\n").utf8), to: "x.ts")
    let path = folder.path + "/x.ts"
    let error = #expect(throws: DatasetError.self) { _ = try SequenceSplits(path: path) }
    #expect(error?.description == "\(path): \(problem)")
  }

  @Test func foldersOfTexts() throws {
    let folder = TemporaryFolder()
    for (name, text) in [
      ("train/good/1.txt", "fine"), ("train/good/2.txt", "  "), ("train/bad/1.txt", "poor"),
      ("test/bad/9.txt", "weak"),
    ] { folder.write(Array(text.utf8), to: name) }
    folder.write([0xFF, 0xFE, 0x41], to: "train/bad/2.txt")
    let splits = try #require(try SequenceSplits(path: folder.path))
    guard case .texts(let training) = splits.training, case .texts(let test)? = splits.test else {
      Issue.record("expected texts")
      return
    }
    #expect(training.classNames == ["bad", "good"] && training.elements == ["poor", "fine"])
    #expect(test.labels == [0])
    #expect(
      splits.warnings.map(\.description) == [
        "\(folder.path)/train/bad/2.txt: is not a text in UTF-8; skipped",
        "\(folder.path)/train/good/2.txt: is empty; skipped",
      ])
    for name in ["a/1.png", "a/2.png", "a/notes.txt", "b/3.png"] {
      folder.write(Array("x".utf8), to: "images/\(name)")
    }
    #expect(try SequenceSplits(path: folder.path + "/images") == nil)
  }

  @Test func tables() throws {
    let folder = TemporaryFolder()
    folder.write(
      Array(("label,Text\npos,\"good, very \"\"good\"\"\"\nneg,bad\n").utf8), to: "t.csv")
    folder.write(Array(("class\ta\tb\tc\n2\t1\t2\t3\n10\t4\t5\t\n").utf8), to: "s.tsv")
    guard case .texts(let texts)? = try SequenceSplits(path: folder.path + "/t.csv")?.training,
      case .series(let series)? = try SequenceSplits(path: folder.path + "/s.tsv")?.training
    else {
      Issue.record("expected texts and series")
      return
    }
    #expect(texts.classNames == ["neg", "pos"] && texts.labels == [1, 0])
    #expect(texts.elements[0] == "good, very \"good\"")
    #expect(series.classNames == ["2", "10"] && series.elements.map(\.steps) == [3, 2])
    let error = #expect(throws: DatasetError.self) {
      _ = try SequenceSplits(path: folder.path + "/t.csv", text: "body")
    }
    #expect(error?.description == "\(folder.path)/t.csv: has no column body; it has label, Text")
    folder.write(Array(("class,a,b,c\n1,1,,3\n").utf8), to: "gap.csv")
    let gap = #expect(throws: DatasetError.self) {
      _ = try SequenceSplits(path: folder.path + "/gap.csv")
    }
    #expect(
      gap?.description
        == "\(folder.path)/gap.csv, row 2: holds something that is not a number, or a gap; fill gaps first"
    )
    folder.write(Array(("path,class\na.png,1\n").utf8), to: "images.csv")
    #expect(try SequenceSplits(path: folder.path + "/images.csv") == nil)
  }
}
