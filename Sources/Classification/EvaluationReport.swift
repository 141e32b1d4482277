import Figures
import Files
import Training

/// What `vision evaluate` reports: for programs as JSON, for people as a table.
public struct EvaluationReport: Sendable, Encodable {
  /// How well one class was recognized.
  public struct ClassReport: Sendable, Encodable {
    /// The class.
    public var name: String
    /// Examples of the class.
    public var count: Int
    /// Of the examples predicted to be of the class, the share that is; nil when none was.
    public var precision: Double?
    /// Of the examples of the class, the share predicted so; nil when there is none.
    public var recall: Double?
    /// Harmonic mean of the two.
    public var f1: Double?
    /// What an example is called in the plural.
    fileprivate let noun: String

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: ReportKey.self)
      try container.encode(name, forKey: "name")
      try container.encode(count, forKey: ReportKey(noun))
      try container.encodeIfPresent(precision, forKey: "precision")
      try container.encodeIfPresent(recall, forKey: "recall")
      try container.encodeIfPresent(f1, forKey: "f1")
    }
  }

  /// Share predicted right, 0…1.
  public var accuracy: Double
  /// The mean recall of the classes, 0…1.
  public var balancedAccuracy: Double
  /// Share whose class was among the five most likely; nil with five classes or fewer.
  public var top5: Double?
  /// Share whose group of labels was the most likely one; nil where labels have no groups.
  public var groupAccuracy: Double?
  /// Mean cross-entropy in nats.
  public var loss: Double
  /// Expected calibration error, 0…1.
  public var calibrationError: Double
  /// Examples evaluated; in JSON under what they are called.
  public var count: Int
  /// The classes in the model's order.
  public var classes: [ClassReport]
  /// Row: the true class; column: the predicted one.
  public var confusion: [[Int]]

  /// What an example is called in the plural.
  private let noun: String

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ReportKey.self)
    try container.encode(accuracy, forKey: "accuracy")
    try container.encode(balancedAccuracy, forKey: "balancedAccuracy")
    try container.encodeIfPresent(top5, forKey: "top5")
    try container.encodeIfPresent(groupAccuracy, forKey: "groupAccuracy")
    try container.encode(loss, forKey: "loss")
    try container.encode(calibrationError, forKey: "calibrationError")
    try container.encode(count, forKey: ReportKey(noun))
    try container.encode(classes, forKey: "classes")
    try container.encode(confusion, forKey: "confusion")
  }

  /// - Parameters:
  ///   - classNames: one name for each class of `evaluation`.
  ///   - noun: what an example is called in the plural.
  public init(_ evaluation: Evaluation, classNames: [String], noun: String = "images") {
    self.noun = noun
    let counts = evaluation.confusion
    accuracy = evaluation.accuracy
    balancedAccuracy = counts.balancedAccuracy
    top5 = evaluation.topFiveAccuracy
    groupAccuracy = evaluation.groupAccuracy
    loss = evaluation.loss
    calibrationError = evaluation.calibrationError
    count = evaluation.count
    classes = classNames.enumerated().map { label, name in
      ClassReport(
        name: name, count: counts.support(of: label), precision: counts.precision(of: label),
        recall: counts.recall(of: label), f1: counts.f1(of: label), noun: noun)
    }
    confusion = counts.rows
  }

  /// A table for people: the totals, each class, and the pairs that are confused most.
  public var text: String {
    var lines = [
      "accuracy \(Self.percent(accuracy)) of \(count) \(noun), loss \(RunLog.text(loss))"
        + ", balanced accuracy \(Self.percent(balancedAccuracy))"
        + (groupAccuracy.map { ", accuracy of groups \(Self.percent($0))" } ?? "")
        + (top5.map { ", top-5 \(Self.percent($0))" } ?? "")
        + ", expected calibration error (ECE) \(Self.percent(calibrationError))",
      "",
    ]
    let width = max(5, classes.map { printable($0.name).count }.max() ?? 0)
    lines.append(
      Self.padded("class", width) + Self.leading(noun, 8) + "  precision  recall      F1")
    for entry in classes {
      lines.append(
        Self.padded(printable(entry.name), width) + Self.leading("\(entry.count)", 8)
          + Self.leading(Self.percent(entry.precision), 11)
          + Self.leading(Self.percent(entry.recall), 8) + Self.leading(Self.percent(entry.f1), 8))
    }
    let confused = mostConfused
    if !confused.isEmpty { lines += ["", "most frequent confusions:"] }
    for pair in confused {
      lines.append(
        Self.leading("\(pair.count)", 6) + " × \(printable(classes[pair.label].name))"
          + " predicted as \(printable(classes[pair.prediction].name))")
    }
    return lines.joined(separator: "\n")
  }

  /// The five pairs of classes with the most errors.
  private var mostConfused: [(label: Int, prediction: Int, count: Int)] {
    var pairs: [(label: Int, prediction: Int, count: Int)] = []
    for (label, row) in confusion.enumerated() {
      for (prediction, count) in row.enumerated() where label != prediction && count > 0 {
        pairs.append((label, prediction, count))
      }
    }
    // A stable order: by count, then by class.
    pairs.sort { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
    return Array(pairs.prefix(5))
  }

  /// A share of 0…1 in per cent with one decimal; a dash where there is none.
  public static func percent(_ share: Double?) -> String {
    guard let share, share.isFinite else { return "–" }
    return Files.percent(share)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func leading(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// A key of the report in JSON; what examples are called is one of them.
private struct ReportKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String

  init(_ name: String) { stringValue = name }
  init(stringLiteral name: String) { stringValue = name }
  init(stringValue name: String) { stringValue = name }

  var intValue: Int? { nil }
  init?(intValue: Int) { nil }
}
