import Datasets
import Images

extension Dataset {
  /// The pictures without every so manieth, and those.
  public func holdingOut(every interval: Int) -> (training: Dataset, heldOut: Dataset?) {
    let heldOut = stride(from: interval - 1, to: count, by: interval)
    return (self[(0..<count).filter { $0 % interval != interval - 1 }], self[Array(heldOut)])
  }

  /// All pictures as a generator's are: the largest centred square of each in 8-bit RGB, resized.
  /// Those that cannot be read are left out.
  public func squares(_ size: Int) -> [Image] {
    let form = InputForm(
      width: size, height: size, channels: 3, mean: [0, 0, 0], deviation: [1, 1, 1])
    return (0..<count).compactMap { index in
      try? form.fitted(image(at: index))
    }
  }
}
