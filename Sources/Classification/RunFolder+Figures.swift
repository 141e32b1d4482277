import Datasets
import Figures
import Training

extension RunFolder {
  /// Draws which class was taken for which: `confusion.png`.
  func drawConfusion(
    _ counts: ConfusionCounts, classNames: [String], title: String
  ) throws(TrainingError) {
    let matrix = ConfusionMatrix(title: title, classNames: classNames, counts: counts.rows)
    try draw(to: file("confusion.png")) { () throws(FigureError) in try matrix.rendered() }
  }

  /// Draws the images that were taken for another class, those of the highest loss first:
  /// `mistakes.png`. Where there are none, nothing.
  func drawMistakes(
    _ result: ClassifierEvaluator.Result, in images: Dataset
  ) throws(TrainingError) {
    let worst = result.mistakes.sorted {
      ($0.prediction.loss, $1.index) > ($1.prediction.loss, $0.index)
    }
    let items = worst.prefix(48).compactMap { mistake -> ContactSheet.Item? in
      guard let image = try? images.image(at: mistake.index) else { return nil }
      return ContactSheet.Item(
        image: image, label: images.classNames[mistake.prediction.label],
        probability: mistake.prediction.probability,
        trueLabel: images.classNames[mistake.label])
    }
    guard !items.isEmpty else { return }
    let sheet = ContactSheet(
      title: "\(result.mistakes.count) of \(result.evaluation.count) misclassified",
      items: items,
      note: items.count < result.mistakes.count
        ? "showing the \(items.count) with the highest loss" : "")
    try draw(to: file("mistakes.png")) { () throws(FigureError) in try sheet.rendered() }
  }
}
