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

  /// - Parameter classCount: how many classes there are.
  public init(classCount: Int) {
    confusion = ConfusionCounts(classCount: classCount)
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

  /// Predicts and counts all images.
  ///
  /// - Parameter progress: is called after each image; throws to end early.
  public mutating func add<Failure: Error>(
    _ images: MaskedImages, by segmenter: Segmenter, threads: Int,
    progress: (Int) throws(Failure) -> Void
  ) throws(Failure) -> [DatasetWarning] {
    var damaged: [DatasetWarning] = []
    for index in 0..<images.count {
      let name = images.images.names[index]
      do {
        let map = try segmenter.classMap(of: images.images.image(at: index), threads: threads)
        add(name, index: index, map: map, mask: try images.masks.image(at: index))
      } catch { damaged.append(.unreadableImage(path: name, reason: "\(error)")) }
      try progress(index + 1)
    }
    return damaged
  }
}
