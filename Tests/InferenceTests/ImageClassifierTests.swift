import Datasets
import Engine
import Images
import Inference
import ModelFiles
import TestSupport
import Testing

/// A picture of one color.
private func flat(_ color: [UInt8], width: Int = 20, height: Int = 12) -> Image {
  Image(
    layout: PixelLayout(width: width, height: height, channels: color.count),
    bytes: (0..<width * height).flatMap { _ in color })
}

@Suite struct ClassificationTests {
  private func classification(_ logits: [Float], count: Int) throws -> Classification {
    try logits.withUnsafeBufferPointer {
      try Classification(logits: $0, labels: logits.indices.map { "\($0)" }, count: count)
    }
  }

  /// The softmax of (ln 1, ln 6, ln 3) is (1, 6, 3) / 10.
  @Test func probabilitiesAreTheSoftmax() throws {
    let result = try classification([0, 1.791_759_5, 1.098_612_3], count: 3)
    #expect(result.predictions.map(\.label) == ["1", "2", "0"])
    #expect(result.predictions.map(\.index) == [1, 2, 0])
    for (candidate, expected) in zip(result.predictions, [0.6, 0.3, 0.1]) {
      #expect(abs(candidate.probability - expected) < 1e-6)
    }
  }

  @Test func theLikeliestAreKept() throws {
    let logits = (0..<50).map { Float($0 * 37 % 50) }
    let sorted = logits.indices.sorted { logits[$0] > logits[$1] }
    for count in [1, 2, 5, 49, 50, 80] {
      let result = try classification(logits, count: count)
      #expect(result.predictions.map(\.index) == Array(sorted.prefix(count)))
      #expect(result.best == result.predictions[0])
    }
  }

  @Test func ofEqualsTheFirstComesFirst() throws {
    #expect(
      try classification([2, 5, 5, 2, 5], count: 4).predictions.map(\.index) == [1, 2, 4, 0])
  }

  @Test func largeLogitsDoNotOverflow() throws {
    let result = try classification([3e38, -3e38], count: 2)
    #expect(result.predictions.map(\.probability) == [1, 0])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func whatIsNoNumberIsRefused(bad: Float) {
    #expect(throws: InferenceError.self) { try classification([0, bad, 1], count: 1) }
  }
}

@Suite struct ImageClassifierTests {
  private let folder = TemporaryFolder()
  private let model: Classifier

  init() throws {
    let path = folder.path + "/colors.safetensors"
    try ColorClassifier.file().write(to: path)
    model = try Classifier(path: path)
  }

  private struct Unreadable: Error {}

  @Test(arguments: [1, 3, 128, 300])
  func picturesGetTheirLabelsInOrder(count: Int) throws {
    let classifier = ImageClassifier(model, options: PlanOptions(threads: 2))
    var numbers: [Int] = []
    try classifier.classify(count, top: 5) { number in
      if number % 5 == 3 { throw Unreadable() }
      return (flat(number % 2 == 0 ? [255, 0, 0] : [0, 0, 255]), "picture \(number)")
    } _: { number, outcome in
      numbers.append(number)
      switch outcome {
      case .failure(let error): #expect(number % 5 == 3 && error is Unreadable)
      case .success(let (classification, context)):
        #expect(number % 5 != 3 && context == "picture \(number)")
        #expect(classification.predictions.count == 2)
        #expect(classification.best.label == (number % 2 == 0 ? "red" : "blue"))
        #expect(abs(classification.best.probability - ColorClassifier.sureProbability) < 1e-5)
      }
    }
    #expect(numbers == Array(0..<count))
  }

  /// Twice what the network takes, or what an image is resized to first; 256 at the least.
  @Test(arguments: [(nil, 256), (100, 256), (232, 464)])
  func twiceTheInputIsSufficient(shorterSide: Int?, sufficient: Int) throws {
    var file = try ColorClassifier.file()
    file.card.preprocessing?.shorterSide = shorterSide
    let path = folder.path + "/resized.safetensors"
    try file.write(to: path)
    #expect(try ImageClassifier(Classifier(path: path)).sufficientSide == sufficient)
  }

  @Test func allMayBeUnreadable() throws {
    var failures = 0
    try ImageClassifier(model).classify(40, top: 1) { _ -> (Image, Int) in
      throw Unreadable()
    } _: { _, outcome in
      if case .failure = outcome { failures += 1 }
    }
    #expect(failures == 40)
  }

  /// Gray, 16 bits, with alpha: what is transparent is white, and red and blue are equal.
  @Test func otherLayoutsAreBroughtToTheInput() throws {
    let layout = PixelLayout(width: 9, height: 30, channels: 2, sample: .uint16)
    try ImageClassifier(model).classify(1, top: 2) { _ in
      (Image(layout: layout), ())
    } _: {
      _, outcome in
      let candidates = (try? outcome.get().0.predictions) ?? []
      #expect(candidates.map(\.label) == ["red", "blue"])
      #expect(candidates.allSatisfy { abs($0.probability - 0.5) < 1e-6 })
    }
  }

  @Test func batchesAreEqualAndBounded() {
    #expect(ImageClassifier.batchSize(for: 1, valuesEach: 3_072) == 1)
    #expect(ImageClassifier.batchSize(for: 33, valuesEach: 224 * 224 * 3) == 17)
    #expect(ImageClassifier.batchSize(for: 5_000, valuesEach: 224 * 224 * 3) == 32)
    #expect(ImageClassifier.batchSize(for: 5_000, valuesEach: 784) == 125)
    #expect(ImageClassifier.batchSize(for: 10, valuesEach: 4_000 * 4_000 * 3) == 1)
  }
}
