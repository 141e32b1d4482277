import Classification
import Glibc
import Inference
import ModelFiles
import Networks
import Tensors
import Testing

/// Temperatures and thresholds, on classifiers whose errors are known.
@Suite struct CalibrationTests {
  /// Logits of images whose true class is drawn from the very probabilities that `scale`⁻¹ × the logits
  /// give: the right temperature is `scale`.
  private func drawn(
    _ count: Int, classes: Int, scale: Float
  ) -> (logits: [Float], labels: [Int]) {
    var random = RandomSource(seed: 5)
    var (logits, labels): ([Float], [Int]) = ([], [])
    for _ in 0..<count {
      let row = (0..<classes).map { _ in random.uniform(-2, 2) }
      let weights = row.map { exp($0) }
      var place = random.uniform() * weights.reduce(0, +)
      labels.append(
        weights.firstIndex {
          place -= $0
          return place < 0
        } ?? classes - 1)
      logits += row.map { $0 * scale }
    }
    return (logits, labels)
  }

  @Test(arguments: [Float(0.4), 1, 3])
  func theTemperatureIsFound(scale: Float) {
    let (logits, labels) = drawn(6_000, classes: 5, scale: scale)
    let scaling = TemperatureScaling(logits: logits, labels: labels, images: labels.indices)
    #expect(abs(scaling.temperature / Double(scale) - 1) < 0.08, "\(scaling.temperature)")
  }

  /// At the optimum the mean logit under the probabilities equals the mean logit of the true classes.
  @Test func theCrossEntropyIsLeastThere() {
    let (logits, labels) = drawn(400, classes: 3, scale: 2)
    func loss(_ temperature: Double) -> Double {
      labels.indices.reduce(0) { sum, image in
        let row = logits[3 * image..<3 * image + 3].map { Double($0) / temperature }
        return sum + log(row.reduce(0) { $0 + exp($1) }) - row[labels[image]]
      }
    }
    let best = TemperatureScaling(logits: logits, labels: labels, images: labels.indices)
      .temperature
    #expect(loss(best) <= loss(best * 1.01) && loss(best) <= loss(best / 1.01))
  }

  @Test func whatIsRightOrWrongWithoutDoubtStaysWithinBounds() {
    let right = TemperatureScaling(logits: [5, 0, 0, 5], labels: [0, 1], images: 0..<2)
    let wrong = TemperatureScaling(logits: [5, 0, 0, 5], labels: [1, 0], images: 0..<2)
    #expect(abs(right.temperature - 0.1) < 1e-3 && abs(wrong.temperature - 10) < 1e-2)
  }

  private static let names = ["a", "b", "c", "d", "e"]

  @Test func aModelFileHoldsTemperatureAndThreshold() throws {
    let groups = try LabelGroups(
      [
        LabelGroup(name: "first", labels: ["a", "b"]),
        LabelGroup(name: "others", labels: ["c", "d", "e"]),
      ],
      labels: Self.names)
    let (logits, labels) = drawn(4_000, classes: 5, scale: 3)
    let calibrated = try #require(
      CalibratedClassifier(
        logits: logits, labels: labels, classNames: Self.names, groups: groups))
    #expect(abs(calibrated.temperature / 3 - 1) < 0.08)
    #expect(calibrated.calibrationError < 0.03)
    #expect(try #require(calibrated.unknownShare) <= 0.05)
    // A group of two or three of five labels always has two fifths or more.
    #expect(try #require(calibrated.threshold) >= 0.4)
    #expect(try #require(calibrated.evaluation.groupAccuracy) > calibrated.evaluation.accuracy)

    let network = Network(input: [2]) { Dense(5, activation: .softmax) }
    var tensors = TensorTable()
    tensors["dense1.weight"] = Tensor([5, 2], repeating: 6)
    tensors["dense1.bias"] = Tensor([5], repeating: 3)
    var file = ModelFile(
      tensors: tensors, architecture: try network.json(),
      card: ModelCard(name: "n", classNames: Self.names))
    calibrated.apply(to: &file, of: network)
    let expected = 6 / Float(calibrated.temperature)
    #expect(
      file.parts[0].tensors["dense1.weight"]?.scalars.allSatisfy { abs($0 - expected) < 1e-5 }
        ?? false)
    #expect(
      file.parts[0].tensors["dense1.bias"]?.scalars.allSatisfy { abs($0 - expected / 2) < 1e-5 }
        ?? false)
    #expect(file.card.threshold == calibrated.threshold)
    #expect(file.card.metrics["temperature"] == calibrated.temperature)
  }

  @Test func fewImagesSayNothing() {
    let (logits, labels) = drawn(999, classes: 5, scale: 1)
    #expect(
      CalibratedClassifier(logits: logits, labels: labels, classNames: Self.names, groups: nil)
        == nil)
  }
}
