import Datasets
import Files
import ModelFiles
import Training

extension SegmentationTask {
  /// A task from folders of images and masks, decoded into memory where a quarter of it holds them.
  ///
  /// - Parameters:
  ///   - pairs: what to learn from.
  ///   - validation: what to measure by; nil holds out the last tenth.
  ///   - settings: from the channels that the images have.
  ///   - damaged: is told of the images that cannot be read.
  ///   - progress: is told of images that are done, from several threads.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where none can be learned from.
  public init(
    _ pairs: MaskPairs, validation: MaskPairs?, classes: MaskClasses, card: ModelCard,
    settings: (_ channels: Int) -> SegmentationSettings,
    damaged: ([DatasetWarning]) -> Void = { _ in },
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) {
    var (training, heldOut) = (pairs, validation)
    if heldOut == nil, pairs.count >= Self.interval {
      (training, heldOut) = pairs.split(holdingOutOneIn: Self.interval)
    }
    let (images, warnings) = training.decoded(classes: classes, progress: progress)
    damaged(warnings)
    guard images.count > 0 else {
      throw .noneReadable(path: pairs.imageFolder, count: training.count, damaged: warnings)
    }
    var measured: MaskedImages?
    if let heldOut {
      let (images, warnings) = heldOut.decoded(
        classes: classes, channels: images.channels, progress: progress)
      damaged(warnings)
      guard images.count > 0 else {
        throw .noneReadable(path: heldOut.imageFolder, count: heldOut.count, damaged: warnings)
      }
      measured = images
    }
    try self.init(
      settings: settings(images.channels), training: images, validation: measured, card: card)
  }

  /// One image in so many is held out.
  private static let interval = 10

  /// Images that are learned from.
  public var trainingCount: Int { training.count }
  /// Images that are measured by.
  public var heldOutCount: Int { validation?.count ?? 0 }
}
