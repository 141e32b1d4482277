import Classification
import Testing
import Training

private func record(_ metrics: inout ClassifierMetrics, _ logits: [Float], label: Int)
  -> ClassifierMetrics.Prediction
{
  logits.withUnsafeBufferPointer { metrics.record(logits: $0, label: label) }
}

@Suite struct MetricsTests {
  /// Hand-worked: rows are the truth. Class 0: 2 of 3 found, 1 of the 3 predicted is wrong.
  @Test func confusionGivesPrecisionRecallAndF1() {
    var counts = ConfusionCounts(classCount: 3)
    for (label, prediction) in [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0)] {
      counts.record(label: label, prediction: prediction)
    }
    #expect(counts.rows == [[2, 1, 0], [1, 1, 0], [0, 0, 0]])
    #expect(counts.total == 5)
    #expect(counts.accuracy == 0.6)
    #expect(counts.precision(of: 0) == 2.0 / 3)
    #expect(counts.recall(of: 0) == 2.0 / 3)
    #expect(counts.precision(of: 1) == 0.5)
    #expect(counts.recall(of: 1) == 0.5)
    #expect(counts.f1(of: 1) == 0.5)
    // Two thirds of class 0, half of class 1; class 2 has none.
    #expect(abs(counts.balancedAccuracy - (2.0 / 3 + 0.5) / 2) < 1e-12)
    #expect(counts.support(of: 0) == 3)
  }

  @Test func classNeverSeenHasNoPrecisionOrRecall() {
    let counts = ConfusionCounts(classCount: 2)
    #expect(counts.precision(of: 0) == nil)
    #expect(counts.recall(of: 0) == nil)
    #expect(counts.f1(of: 0) == nil)
    #expect(counts.accuracy == 0)
  }

  @Test func lossIsTheCrossEntropyOfTheSoftmax() {
    var metrics = ClassifierMetrics(classCount: 2)
    // softmax(0, ln 3) = 1/4, 3/4
    let prediction = record(&metrics, [0, 1.0986123], label: 0)
    #expect(prediction.label == 1)
    #expect(abs(prediction.probability - 0.75) < 1e-6)
    #expect(abs(prediction.loss - 1.3862944) < 1e-6)
    #expect(abs(metrics.evaluation.loss - 1.3862944) < 1e-6)
    #expect(metrics.evaluation.accuracy == 0)
    #expect(metrics.evaluation.topFiveAccuracy == nil)
  }

  @Test func hugeLogitsDoNotOverflow() {
    var metrics = ClassifierMetrics(classCount: 2)
    let prediction = record(&metrics, [1e30, -1e30], label: 0)
    #expect(prediction.probability == 1)
    #expect(prediction.loss == 0)
  }

  @Test func topFiveCountsTheFiveLargest() {
    var metrics = ClassifierMetrics(classCount: 7)
    let logits: [Float] = [7, 6, 5, 4, 3, 2, 1]
    for label in 0..<7 { _ = record(&metrics, logits, label: label) }
    #expect(metrics.evaluation.topFiveAccuracy == 5.0 / 7)
    #expect(metrics.evaluation.accuracy == 1.0 / 7)
  }

  @Test func equalLogitsDoNotCountAsFound() {
    var metrics = ClassifierMetrics(classCount: 7)
    _ = record(&metrics, Array(repeating: 0, count: 7), label: 6)
    #expect(metrics.evaluation.topFiveAccuracy == 0)
  }

  /// Two bins: confidence 0.9 with half right (gap 0.4), confidence 0.5 with half right (gap 0).
  @Test func calibrationIsTheWeightedGap() {
    var calibration = Calibration()
    for isCorrect in [true, false] {
      calibration.record(confidence: 0.9, isCorrect: isCorrect)
      calibration.record(confidence: 0.5, isCorrect: isCorrect)
    }
    #expect(abs(calibration.expectedError - 0.2) < 1e-12)
    #expect(Calibration().expectedError == 0)
  }

  @Test(arguments: [0.0, 1.0, 2.0, -1.0, .nan, .infinity])
  func calibrationTakesAnyNumber(confidence: Double) {
    var calibration = Calibration()
    calibration.record(confidence: confidence, isCorrect: true)
  }
}
