import Glibc

/// One number that logits are divided by, so that probabilities are as often right as they say.
///
/// C. Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599, section 4.2: the
/// temperature with the least cross-entropy on images that were not learned from. It changes no order of
/// labels.
package struct TemperatureScaling {
  package let temperature: Double

  private static let bounds = 0.1...10.0

  /// - Parameters:
  ///   - logits: one number a class, of image after image.
  ///   - labels: the images' classes.
  ///   - images: those that it is fitted to.
  package init(logits: [Float], labels: [Int], images: some Sequence<Int>) {
    let images = Array(images)
    let classCount = labels.isEmpty ? 0 : logits.count / labels.count
    // The derivative of the cross-entropy by 1 / T is the mean over images of Σ p·z − z(true), which
    // grows with 1 / T: its root is between the bounds, or one of them is best.
    func slope(_ inverse: Double) -> Double {
      images.reduce(0) { sum, image in
        let row = logits[image * classCount..<(image + 1) * classCount]
        let largest = Double(row.max() ?? 0)
        var (total, weighted) = (0.0, 0.0)
        for logit in row {
          let weight = exp((Double(logit) - largest) * inverse)
          total += weight
          weighted += weight * Double(logit)
        }
        return sum + weighted / total - Double(row[row.startIndex + labels[image]])
      }
    }
    var (least, most) = (1 / Self.bounds.upperBound, 1 / Self.bounds.lowerBound)
    for _ in 0..<24 {
      let middle = (least * most).squareRoot()
      if slope(middle) <= 0 { least = middle } else { most = middle }
    }
    temperature = 1 / (least * most).squareRoot()
  }
}
