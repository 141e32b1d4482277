import Datasets
import Images
import Inference
import Training

/// How well a segmenter tells the pixels of images with masks apart.
public struct SegmentationEvaluation: Sendable {
  /// One image.
  public struct Result: Sendable {
    public var name: String
    /// Its place among the images.
    public var index: Int
    /// The share of its pixels with a class that are predicted right, 0…1.
    public var accuracy: Double
    /// The mean over its classes of intersection over union, 0…1.
    public var meanIoU: Double
  }

  /// Pixels of each class by the class predicted; those without a class do not count.
  public private(set) var confusion: ConfusionCounts
  /// The images in their order.
  public private(set) var results: [Result] = []

  /// The classes in the network's order.
  public let classNames: [String]

  public init(_ classes: MaskClasses) {
    classNames = classes.names
    confusion = ConfusionCounts(classCount: classes.count)
  }

  /// Counts an image.
  ///
  /// - Parameters:
  ///   - map: what is predicted: a class for each pixel.
  ///   - mask: what is true; ``MaskClasses/none`` where there is no class.
  /// - Precondition: both are 8-bit gray and of one size.
  public mutating func add(_ name: String, index: Int, map: Image, mask: Image) {
    precondition(map.layout == mask.layout && map.channels == 1, "maps of one size")
    // Label and prediction in 16 bits.
    var pairs = [Int](repeating: 0, count: 1 << 16)
    map.withUnsafeBytes { predicted in
      mask.withUnsafeBytes { labels in
        for place in predicted.indices {
          pairs[Int(labels[place]) << 8 | Int(predicted[place])] += 1
        }
      }
    }
    var counts = ConfusionCounts(classCount: confusion.classCount)
    for label in 0..<confusion.classCount {
      for prediction in 0..<confusion.classCount {
        counts.record(label: label, prediction: prediction, count: pairs[label << 8 | prediction])
      }
    }
    confusion.add(counts)
    results.append(
      Result(name: name, index: index, accuracy: counts.accuracy, meanIoU: counts.meanIoU))
  }

  /// Images in which the fewest pixels are predicted right, the worst first.
  public var worst: [Result] {
    results.sorted { ($0.accuracy, $0.index) < ($1.accuracy, $1.index) }
  }

  /// Predicts and counts images.
  ///
  /// - Parameters:
  ///   - names: of the images.
  ///   - pair: an image and its true classes.
  ///   - progress: is called after each image; throws to end early.
  /// - Returns: the images that cannot be read.
  public mutating func add<Failure: Error>(
    _ names: [String], by segmenter: Segmenter, threads: Int,
    pair: (Int) throws(ImageError) -> (image: Image, mask: Image),
    progress: (Int) throws(Failure) -> Void
  ) throws(Failure) -> [DatasetWarning] {
    var damaged: [DatasetWarning] = []
    for (index, name) in names.enumerated() {
      do {
        let (image, mask) = try pair(index)
        let map = try segmenter.classMap(of: image, threads: threads)
        add(name, index: index, map: map, mask: mask)
      } catch {
        let reason = (error as? ImageError)?.reason ?? "\(error)"
        damaged.append(.unreadableImage(path: name, reason: reason))
      }
      try progress(index + 1)
    }
    return damaged
  }
}

extension SegmentationEvaluation: Encodable {
  private enum CodingKeys: CodingKey { case meanIoU, pixelAccuracy, images, classes, confusion }

  /// How well one class is told apart.
  private struct ClassReport: Encodable {
    let name: String
    let pixels: Int
    let iou: Double?
    let precision: Double?
    let recall: Double?
  }

  /// Mean IoU, pixel accuracy, the images counted, and, class by class, the pixels of each, intersection over
  /// union, precision and recall.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(confusion.meanIoU, forKey: .meanIoU)
    try container.encode(confusion.accuracy, forKey: .pixelAccuracy)
    try container.encode(results.count, forKey: .images)
    try container.encode(
      classNames.enumerated().map { label, name in
        ClassReport(
          name: name, pixels: confusion.support(of: label), iou: confusion.iou(of: label),
          precision: confusion.precision(of: label), recall: confusion.recall(of: label))
      }, forKey: .classes)
    try container.encode(confusion.rows, forKey: .confusion)
  }
}
