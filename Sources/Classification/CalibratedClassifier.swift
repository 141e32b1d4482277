import Inference
import ModelFiles
import Networks
import Tensors

/// What a classifier's validation tells of how far its probabilities can be believed: a temperature, the
/// threshold for its groups, and what they are worth on images that neither was fitted to.
///
/// Both are fitted to every second validation image and measured on the others.
package struct CalibratedClassifier {
  package let temperature: Double
  /// Below this probability a group of labels is no answer; nil where there are no groups.
  package let threshold: Double?
  /// Of all validation images, with the temperature.
  package let evaluation: Evaluation
  /// Expected calibration error on the images that were not fitted to.
  package let calibrationError: Double
  /// Share of those that no answer is given for, without images of the background; nil where there are no
  /// groups.
  package let unknownShare: Double?

  /// With fewer validation images nothing is fitted.
  static let fewestImages = 1_000
  /// Share of the images that may be left without an answer.
  private static let tolerated = 0.04

  /// - Parameters:
  ///   - logits: one number a class, of image after image.
  ///   - labels: the images' classes.
  package init?(logits: [Float], labels: [Int], classNames: [String], groups: LabelGroups?) {
    guard labels.count >= Self.fewestImages, logits.allSatisfy(\.isFinite) else { return nil }
    let classCount = classNames.count
    let fitted = stride(from: 0, to: labels.count, by: 2)
    let scaling = TemperatureScaling(logits: logits, labels: labels, images: fitted)
    let scaled = logits.map { $0 / Float(scaling.temperature) }

    func classification(_ image: Int) -> Classification? {
      scaled.withUnsafeBufferPointer { logits in
        try? Classification(
          logits: logits.extracting(image * classCount..<(image + 1) * classCount),
          labels: classNames, count: 1, groups: groups)
      }
    }
    let threshold = groups.map { _ in
      // An image is lost at every threshold above its group's probability.
      let groupsAlone = fitted.compactMap(classification)
        .filter { $0.best.probability < Answer.certainLabel }
        .compactMap(\.group?.probability).sorted()
      let lost = Int(Self.tolerated * Double((labels.count + 1) / 2))
      let highest = lost < groupsAlone.count ? groupsAlone[lost] : Answer.certainLabel
      return (min(highest, Answer.certainLabel) * 100).rounded(.down) / 100
    }
    var (all, others) = (
      ClassifierMetrics(classCount: classCount, groups: groups), Calibration()
    )
    var (shown, unknown) = (0, 0)
    scaled.withUnsafeBufferPointer { logits in
      for (image, label) in labels.enumerated() {
        let prediction = all.record(
          logits: logits.extracting(image * classCount..<(image + 1) * classCount), label: label)
        guard image % 2 == 1 else { continue }
        others.record(
          confidence: prediction.probability, isCorrect: prediction.label == label)
        guard let threshold, classNames[label] != Answer.background else { continue }
        shown += 1
        if classification(image)?.answer(threshold: threshold).isUnknown ?? true { unknown += 1 }
      }
    }
    temperature = scaling.temperature
    self.threshold = threshold
    evaluation = all.evaluation
    calibrationError = others.expectedError
    unknownShare = threshold.map { _ in Double(unknown) / Double(max(shown, 1)) }
  }

  /// Writes temperature and threshold into a model file: the temperature into the values of its last layer.
  ///
  /// Nothing where the network does not end in a dense layer, whose values take it.
  package func apply(to file: inout ModelFile, of network: Network) {
    guard let head = network.layers.last, head.layer is Dense else { return }
    for name in ["\(head.name).weight", "\(head.name).bias"] {
      guard let value = file.parts[0].tensors[name] else { continue }
      file.parts[0].tensors[name] = Tensor(
        value.shape, value.scalars.map { $0 / Float(temperature) })
    }
    file.card.threshold = threshold
    file.card.setMetrics(evaluation)
    file.card.metrics["temperature"] = temperature
    file.card.metrics["calibrationError"] = calibrationError
    file.card.metrics["unknown"] = unknownShare
  }
}
