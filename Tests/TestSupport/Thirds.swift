import Datasets
import Images
import ModelFiles
import Tensors

/// Images of 9 × 9 gray pixels that a small network can tell apart: a bright left, middle or right third,
/// in noise.
public enum Thirds {
  public static let form = Preprocessing(
    width: 9, height: 9, channels: 1, mean: [0.4], std: [0.2])

  /// - Parameter thirds: the bright third of each class: 0 left, 1 middle, 2 right.
  public static func images(
    _ count: Int, thirds: [Int] = [0, 1, 2], seed: UInt64, classNames: [String]? = nil
  ) -> Dataset {
    var random = RandomSource(seed: seed)
    let labels = (0..<count).map { $0 % thirds.count }
    let images = labels.map { label in
      let bytes = (0..<81).map { place -> UInt8 in
        let isBright = place % 9 / 3 == thirds[label]
        return UInt8(random.integer(below: 160) + (isBright ? 90 : 0))
      }
      return Image(layout: PixelLayout(width: 9, height: 9, channels: 1), bytes: bytes)
    }
    return Dataset(
      classNames: classNames ?? thirds.map { "third \($0)" }, labels: labels,
      names: (0..<count).map { "image \($0)" }, source: .memory(images))
  }

  /// Images any of whose thirds are bright, each on its own: the labels `left`, `middle` and `right`.
  public static func labelSets(
    _ count: Int, seed: UInt64, classNames: [String] = ["left", "middle", "right"]
  ) -> Dataset {
    var random = RandomSource(seed: seed)
    let sets = (0..<count).map { _ in
      classNames.indices.filter { _ in random.integer(below: 5) < 2 }
    }
    let images = sets.map { set in
      let bytes = (0..<81).map { place -> UInt8 in
        UInt8(random.integer(below: 160) + (set.contains(place % 9 / 3) ? 90 : 0))
      }
      return Image(layout: PixelLayout(width: 9, height: 9, channels: 1), bytes: bytes)
    }
    return Dataset(
      classNames: classNames, annotation: .labelSets(sets),
      names: (0..<count).map { "image \($0)" }, source: .memory(images))
  }
}
