import Classification
import FoundationEssentials
import TestSupport
import Testing

/// Measures of labels that hold or not, each on its own.
@Suite struct LabelMetricsTests {
  /// - Parameter rows: each image's logits and what holds.
  private func evaluation(_ rows: [(logits: [Float], labels: [Int])]) -> LabelEvaluation {
    var metrics = LabelMetrics(labelCount: rows[0].logits.count)
    for row in rows {
      row.logits.withUnsafeBufferPointer { metrics.record(logits: $0, labels: row.labels) }
    }
    return metrics.evaluation
  }

  /// Held, not, held, not by falling score: ½ · 1/1 + ½ · 2/3.
  @Test func averagePrecisionByHand() {
    #expect(
      averagePrecision(scores: [4, 3, 2, 1], holds: [true, false, true, false]) == 0.5 + 1.0 / 3)
    #expect(averagePrecision(scores: [1, 2, 3, 4], holds: [false, false, true, true]) == 1)
    // The last of all.
    #expect(averagePrecision(scores: [3, 2, 1], holds: [false, false, true]) == 1.0 / 3)
    // Equal scores are one threshold, in whatever order they come.
    #expect(averagePrecision(scores: [1, 1, 1, 1], holds: [true, false, false, false]) == 0.25)
    #expect(averagePrecision(scores: [1, 1, 1, 1], holds: [false, false, false, true]) == 0.25)
    #expect(averagePrecision(scores: [2, 1, 1], holds: [false, true, false]) == 1.0 / 3)
    #expect(averagePrecision(scores: [1, 2], holds: [false, false]) == nil)
    #expect(averagePrecision(scores: [], holds: []) == nil)
    #expect(
      averagePrecision(scores: [.nan, 1, .nan], holds: [true, true, false]) == 0.5 + 1.0 / 3)
  }

  /// Label 0: one found, one missed, one wrong. Label 1: found. Label 2: never there, never predicted.
  @Test func countsByHand() {
    let result = evaluation([
      ([1, 1, -1], [0, 1]), ([-1, -1, -1], [0]), ([0, -1, -1], []),
    ])
    #expect(result.count == 3)
    let first = result.labels[0]
    #expect((first.truePositives, first.falsePositives, first.falseNegatives) == (1, 1, 1))
    #expect(first.support == 2 && first.precision == 0.5 && first.recall == 0.5)
    #expect(first.f1 == 0.5)
    #expect(result.labels[1].f1 == 1 && result.labels[1].averagePrecision == 1)
    let never = result.labels[2]
    #expect(never.f1 == nil && never.precision == nil && never.recall == nil)
    #expect(never.averagePrecision == nil)
    // Scores 1, 0, −1 of held, not, held.
    #expect(first.averagePrecision == 0.5 + 1.0 / 3)
    #expect(result.meanAveragePrecision == (0.5 + 1.0 / 3 + 1) / 2)
    #expect(result.macroF1 == 0.75)
    // 2 · 2 / (2 · 2 + 1 + 1)
    #expect(abs(result.microF1 - 2.0 / 3) < 1e-12)
  }

  /// The mean over images and labels of softplus(x) − t·x.
  @Test func lossByHand() {
    let even = evaluation([([0, 0], [1]), ([0, 0], [])])
    #expect(abs(even.loss - 0.6931471805599453) < 1e-12)
    // σ(ln 3) = ¾: once right, once wrong.
    let result = evaluation([([1.0986123], [0]), ([1.0986123], [])])
    #expect(abs(result.loss - (0.2876820724 + 1.3862943611) / 2) < 1e-6)
    #expect(evaluation([([1e30, -1e30], [0])]).loss == 0)
  }

  @Test func nothingThatHoldsIsMeasuredAsZero() {
    let none = evaluation([([-1], []), ([-2], [])])
    #expect(none.meanAveragePrecision == 0 && none.macroF1 == 0 && none.microF1 == 0)
  }

  @Test func asInScikitLearn() throws {
    let fixture = try Fixture("labels.json")
    let (truth, scores) = (try fixture.tensor("truth"), try fixture.tensor("scores"))
    let labelCount = truth.shape[1]
    let result = evaluation(
      (0..<truth.shape[0]).map { row in
        let places = row * labelCount..<(row + 1) * labelCount
        return (
          scores.values[places].map { Float($0) },
          (0..<labelCount).filter { truth.values[row * labelCount + $0] == 1 }
        )
      })
    func isNear(_ values: [Double?], _ name: String) throws -> Bool {
      try zip(values, fixture.tensor(name).values).allSatisfy { abs(($0 ?? -1) - $1) < 1e-10 }
    }
    #expect(try isNear(result.labels.map(\.averagePrecision), "averagePrecision"))
    #expect(try isNear(result.labels.map(\.precision), "precision"))
    #expect(try isNear(result.labels.map(\.recall), "recall"))
    #expect(try isNear(result.labels.map(\.f1), "f1"))
    #expect(try isNear([result.meanAveragePrecision], "mAP"))
    #expect(try isNear([result.microF1], "microF1"))
    #expect(try isNear([result.macroF1], "macroF1"))
  }

  @Test func reportsForPeopleAndPrograms() throws {
    let report = LabelReport(
      evaluation([([1, 1, -1], [0, 1]), ([-1, -1, -1], [0])]), names: ["cat", "dog", "fox"])
    let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("mean average precision (mAP) 100.0 % of 2 images, loss "))
    #expect(lines[0].hasSuffix("F1 80.0 % (micro), 83.3 % (macro)"))
    #expect(lines.count == 6 && lines[1] == "")
    #expect(
      lines[3].split(separator: " ")
        == ["cat", "2", "100.0", "%", "100.0", "%", "50.0", "%", "66.7", "%"])
    #expect(lines[5].split(separator: " ") == ["fox", "0", "–", "–", "–", "–"])
    let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    for part in [
      "\"meanAveragePrecision\":1", "\"microF1\":0.8", "\"images\":2", "\"name\":\"dog\"",
      "\"truePositives\":1", "\"falseNegatives\":1",
    ] {
      #expect(json.contains(part), "\(part)")
    }
  }
}
