import Datasets
import Images
import ModelFiles
import Training

extension Dataset {
  /// All images as a generator's are: the largest centered square of each in 8-bit RGB, resized.
  /// Those that cannot be read are left out and named.
  public func centerCropped(to size: Int) -> (images: [Image], damaged: [DatasetWarning]) {
    let form = Preprocessing(
      width: size, height: size, channels: 3, mean: [0, 0, 0], std: [1, 1, 1])
    let (dataset, damaged) = inMemory(for: form)
    guard case .memory(let images) = dataset.source else { return ([], damaged) }
    return (images, damaged)
  }

  /// Looks for an image that can be read, no further than to the first.
  ///
  /// - Parameter path: where the images lie.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where there is none.
  public func requireReadable(path: String) throws(TrainingError) {
    var damaged: [DatasetWarning] = []
    for index in 0..<count {
      do throws(ImageError) {
        _ = try image(at: index)
        return
      } catch { damaged.append(.unreadableImage(path: names[index], reason: error.reason)) }
    }
    throw .noneReadable(path: path, count: count, damaged: damaged)
  }
}
