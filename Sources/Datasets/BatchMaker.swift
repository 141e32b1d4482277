import Images
import ModelFiles
import Tensors

/// Makes any batch of any epoch: a function of the random source, the epoch and the batch's number.
struct BatchMaker: Sendable {
  let dataset: Dataset
  let form: Preprocessing
  let batchSize: Int
  let random: RandomSource?
  let crop: RandomResizedCrop?
  let augmentations: [any Augmentation]

  /// Batches in an epoch.
  var batchCount: Int {
    random == nil
      ? (dataset.count + batchSize - 1) / batchSize : max(1, dataset.count / batchSize)
  }

  /// The order of an epoch's pictures.
  func order(epoch: Int) -> [Int] {
    guard let random else { return Array(0..<dataset.count) }
    var source = random.split("order/\(epoch)")
    return source.permutation(dataset.count)
  }

  /// Fills 8-bit planes, N × C × H × W, with a batch of an epoch.
  func fill(
    _ planes: UnsafeMutableBufferPointer<UInt8>, batch: Int, epoch: Int, order: [Int],
    damaged: (DatasetWarning) -> Void
  ) -> Loader.Batch {
    let start = batch * batchSize
    let last = random == nil ? min(start + batchSize, order.count) : start + batchSize
    let epochRandom = random?.split("augment/\(epoch)")
    var result = Loader.Batch(epoch: epoch, indices: [], labels: [])
    for place in start..<last {
      guard
        let (index, picture) = picture(order[place % order.count], epochRandom, damaged: damaged)
      else {
        // In training that means that no picture can be read at all.
        if random == nil { continue } else { break }
      }
      let row = result.count * form.elementCount
      picture.writePlanes(
        to: UnsafeMutableBufferPointer(rebasing: planes[row..<row + form.elementCount]))
      result.indices.append(index)
      result.labels.append(dataset.labels[index])
    }
    return result
  }

  /// A picture ready for the network; in training the next one that can be read.
  private func picture(
    _ first: Int, _ epochRandom: RandomSource?, damaged: (DatasetWarning) -> Void
  ) -> (index: Int, picture: Image)? {
    for attempt in 0..<(random == nil ? 1 : dataset.count) {
      let index = (first + attempt) % dataset.count
      do throws(ImageError) {
        return (index, try prepared(index, epochRandom))
      } catch {
        damaged(.damaged(path: dataset.names[index], reason: error.reason))
      }
    }
    return nil
  }

  private func prepared(
    _ index: Int, _ random: RandomSource?
  ) throws(ImageError) -> Image {
    let image = try dataset.image(at: index)
    guard var random else { return try form.resized(image) }
    // Each picture has a stretch of the epoch's stream to itself: 2²⁴ blocks.
    random.counter = UInt64(index) << 24
    var picture: Image
    if let crop {
      picture = try crop.apply(to: image, form: form, random: &random)
    } else {
      picture = try form.resized(image)
    }
    for augmentation in augmentations {
      picture = augmentation.apply(to: picture, random: &random)
    }
    return picture
  }
}
