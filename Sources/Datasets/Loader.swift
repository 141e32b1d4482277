import Files
import Images
import ModelFiles
import Tensors

/// Feeds a network: decodes, resizes and augments in background threads, always a few batches ahead.
///
/// A training loader gives a new order in every epoch and never a batch that is not full: pictures left
/// over come in another epoch, and a set smaller than a batch is repeated within it. A loader without
/// `random` gives the pictures in order, unchanged, its last batch with what is left. Either goes on with
/// the next epoch after the last batch of one.
///
/// What comes depends on the random source, the epoch and the picture alone, not on the number of
/// threads, and is the same whether an epoch was reached by running or by starting at it.
public final class Loader {
  /// What a batch holds beside its pixels.
  public struct Batch: Sendable, Equatable {
    /// The epoch, from 0.
    public var epoch: Int
    /// The pictures' places in the dataset: as many as the batch has pictures.
    public var indices: [Int]
    /// Their classes.
    public var labels: [Int]

    /// How many pictures the batch has; what is beyond them in the buffers is 0.
    public var count: Int { indices.count }
  }

  public let form: Preprocessing
  /// Pictures in a full batch.
  public let batchSize: Int
  /// Batches in an epoch.
  public let batchCount: Int
  private let classCount: Int
  private let queue: BatchQueue

  /// - Parameters:
  ///   - dataset: at least one picture.
  ///   - batchSize: from 1.
  ///   - random: for order and augmentation in training; nil gives the pictures in order, unchanged.
  ///   - crop: cuts a random part from each picture; nil fits the picture as the form says.
  ///   - augmentations: applied in this order, in training only.
  ///   - epoch: the epoch to begin with, from 0.
  ///   - batch: the batch of that epoch to begin with, from 0.
  ///   - threads: nil for as many as decoding needs: all processors for files, one for memory.
  public init(
    _ dataset: Dataset, form: Preprocessing, batchSize: Int, random: RandomSource? = nil,
    crop: RandomResizedCrop? = nil, augmentations: [any Augmentation] = [],
    startingAtEpoch epoch: Int = 0, batch: Int = 0, threads: Int? = nil
  ) {
    precondition(dataset.count > 0 && batchSize > 0 && form.isValid && epoch >= 0 && batch >= 0)
    self.form = form
    self.batchSize = batchSize
    classCount = dataset.classNames.count
    let maker = BatchMaker(
      dataset: dataset, form: form, batchSize: batchSize, random: random, crop: crop,
      augmentations: augmentations)
    batchCount = maker.batchCount
    let isInMemory = if case .memory = dataset.source { true } else { false }
    let threadCount = max(1, threads ?? (isInMemory ? 1 : processorCount))
    queue = BatchQueue(
      maker, first: epoch * maker.batchCount + batch, depth: threadCount + 2, threads: threadCount)
  }

  /// Writes the next batch, waiting until it is ready.
  ///
  /// - Parameters:
  ///   - pixels: `batchSize` × C × H × W values.
  ///   - targets: `batchSize` × classes probabilities: 1 − smoothing for the picture's class, and
  ///     smoothing spread evenly over all (Szegedy et al. 2016, "Rethinking the Inception
  ///     Architecture", section 7); nil where they are not needed.
  public func next(
    into pixels: UnsafeMutableBufferPointer<Float>,
    targets: UnsafeMutableBufferPointer<Float>? = nil, smoothing: Float = 0
  ) -> Batch {
    precondition(pixels.count == batchSize * form.elementCount, "room for one batch")
    let batch = queue.next { planes, count in
      form.normalize(
        UnsafeBufferPointer(rebasing: planes[..<(count * form.elementCount)]), into: pixels)
      UnsafeMutableBufferPointer(rebasing: pixels[(count * form.elementCount)...]).update(
        repeating: 0)
    }
    if let targets {
      precondition(targets.count == batchSize * classCount, "room for one batch's targets")
      targets.update(repeating: 0)
      for (row, label) in batch.labels.enumerated() {
        for place in 0..<classCount {
          targets[row * classCount + place] =
            smoothing / Float(classCount) + (place == label ? 1 - smoothing : 0)
        }
      }
    }
    return batch
  }

  /// Pictures that turned out damaged since the last call. In training the next readable picture takes
  /// the place of one; in order, it is left out of its batch.
  public func takeDamaged() -> [DatasetWarning] { queue.takeDamaged() }
}
