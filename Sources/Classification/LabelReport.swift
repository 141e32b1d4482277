import Files
import Training

/// What `vision evaluate` reports of labels that hold or not, each on its own: for programs as JSON, for
/// people as a table.
public struct LabelReport: Sendable, Encodable {
  /// How well one label was recognized.
  public struct Label: Sendable, Encodable {
    public var name: String
    /// Images with the label.
    public var images: Int
    /// How well its probability ranks the images; nil where none has the label.
    public var averagePrecision: Double?
    /// Of the images predicted to have it, the share that has; nil where none was.
    public var precision: Double?
    /// Of the images with it, the share predicted so; nil where there is none.
    public var recall: Double?
    /// Harmonic mean of precision and recall.
    public var f1: Double?
    public var truePositives: Int
    public var falsePositives: Int
    public var falseNegatives: Int
  }

  /// The mean of the average precisions of the labels that some image has, 0…1.
  public var meanAveragePrecision: Double
  /// F1 of all decisions together, 0…1.
  public var microF1: Double
  /// The mean of the labels' F1, 0…1.
  public var macroF1: Double
  /// Mean binary cross-entropy in nats.
  public var loss: Double
  /// Images evaluated.
  public var images: Int
  /// The labels in the model's order.
  public var labels: [Label]

  /// - Parameter names: one for each label of `evaluation`.
  public init(_ evaluation: LabelEvaluation, names: [String]) {
    meanAveragePrecision = evaluation.meanAveragePrecision
    microF1 = evaluation.microF1
    macroF1 = evaluation.macroF1
    loss = evaluation.loss
    images = evaluation.count
    labels = zip(names, evaluation.labels).map { name, label in
      Label(
        name: name, images: label.support, averagePrecision: label.averagePrecision,
        precision: label.precision, recall: label.recall, f1: label.f1,
        truePositives: label.truePositives, falsePositives: label.falsePositives,
        falseNegatives: label.falseNegatives)
    }
  }

  /// A table for people: the totals, then each label.
  public var text: String {
    let percent = EvaluationReport.percent
    let table = TextTable(
      header: ["label", "images", "avg. precision", "precision", "recall", "F1"],
      rows: labels.map {
        [
          printable($0.name), "\($0.images)", percent($0.averagePrecision), percent($0.precision),
          percent($0.recall), percent($0.f1),
        ]
      }, alignments: [.left] + Array(repeating: .right, count: 5))
    return """
      mean average precision (mAP) \(percent(meanAveragePrecision)) of \(images) images, loss \
      \(RunLog.text(loss)), F1 \(percent(microF1)) (micro), \(percent(macroF1)) (macro)

      \(table.plain)
      """
  }
}
