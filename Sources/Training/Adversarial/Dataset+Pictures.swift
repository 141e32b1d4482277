import Datasets
import Images
import ModelFiles

extension Dataset {
  /// The pictures without every so manieth, and those.
  public func holdingOut(every interval: Int) -> (training: Dataset, heldOut: Dataset?) {
    let heldOut = stride(from: interval - 1, to: count, by: interval)
    return (self[(0..<count).filter { $0 % interval != interval - 1 }], self[Array(heldOut)])
  }

  /// All pictures as a generator's are: the largest centred square of each in 8-bit RGB, resized.
  /// Those that cannot be read are left out and named.
  public func squares(_ size: Int) -> (images: [Image], damaged: [DatasetWarning]) {
    let form = Preprocessing(
      width: size, height: size, channels: 3, mean: [0, 0, 0], std: [1, 1, 1])
    let (dataset, damaged) = inMemory(for: form)
    guard case .memory(let images) = dataset.source else { return ([], damaged) }
    return (images, damaged)
  }

  /// Looks for a picture that can be read, no further than to the first.
  ///
  /// - Parameter path: where the pictures lie.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where there is none.
  public func requireReadable(path: String) throws(TrainingError) {
    var damaged: [DatasetWarning] = []
    for index in 0..<count {
      do throws(ImageError) {
        _ = try image(at: index)
        return
      } catch { damaged.append(.damaged(path: names[index], reason: error.reason)) }
    }
    throw .noneReadable(path: path, count: count, damaged: damaged)
  }
}
