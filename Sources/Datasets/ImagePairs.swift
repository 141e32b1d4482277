import Images
import ModelFiles
import Tensors

/// Images that belong together pixel by pixel as examples: an image and what it should become, or an
/// image and the class of each of its pixels. Both are moved alike by geometric augmentations; others
/// change the image alone.
public struct ImagePairs: ImageExampleSource {
  /// What goes with an image.
  public enum Companion: Sendable {
    /// Another image: the input `target`, C × H × W.
    case image(Preprocessing)
    /// A gray image whose values are classes 0 ..< count: the input `mask`, count × H × W, 1 at a pixel's
    /// class and 0 elsewhere; 0 for all classes where the value is none of them. Of each edge so many pixels
    /// are left out, for networks whose result is smaller than their input.
    case mask(classes: Int, margin: Int = 0)
  }

  public let images: Dataset
  /// As many as the images, in their order.
  public let companions: Dataset
  public let form: Preprocessing
  public let companion: Companion
  /// Cuts parts from images that are larger than the input, or smaller; nil fits them as the form says, which
  /// masks cannot be.
  public let crop: RandomScaledCrop?
  public let augmentations: [any Augmentation]
  /// How much more the pixels of a mask count: the input `weight`, 1 × H × W, 1 + ``BorderWeights/strength`` times
  /// a gray image's fraction of 255; nil for no such input.
  public let weights: (images: Dataset, kind: BorderWeights)?

  public static let target = "target"
  public static let mask = "mask"
  public static let weight = "weight"

  /// - Precondition: as many companions, and weights, as images, all of the input's size, or of their image's
  ///   with a crop; weights go with masks alone.
  public init(
    _ images: Dataset, with companions: Dataset, as companion: Companion, form: Preprocessing,
    crop: RandomScaledCrop? = nil, augmentations: [any Augmentation] = [],
    weights: (images: Dataset, kind: BorderWeights)? = nil
  ) {
    precondition(images.count == companions.count, "a companion for each image")
    precondition(weights.map { $0.images.count == images.count } ?? true, "weights for each")
    self.images = images
    self.companions = companions
    self.companion = companion
    self.form = form
    self.crop = crop
    self.augmentations = augmentations
    self.weights = weights
  }

  public func slots(bucket: Int) -> [ExampleSlot] {
    var slots = [form.slot(ImageExamples.image)]
    switch companion {
    case .image(let target): slots.append(target.slot(Self.target))
    case .mask(let classes, let margin):
      let (height, width) = (form.height - 2 * margin, form.width - 2 * margin)
      slots.append(
        ExampleSlot(
          Self.mask, [classes, height, width],
          .bytes(
            scale: Array(repeating: 1, count: classes), shift: Array(repeating: 0, count: classes)))
      )
      if let weights {
        slots.append(
          ExampleSlot(
            Self.weight, [1, height, width],
            .bytes(scale: [weights.kind.strength / 255], shift: [1])))
      }
    }
    return slots
  }

  public func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    var image: Image
    var others: [(image: Image, sampling: Sampling)]
    do throws(ImageError) {
      image = try images.image(at: index)
      image = crop == nil ? try form.resized(image) : image.flattened(channels: form.channels)
      others = try self.others(at: index)
    } catch { throw UnreadableExample(error.reason) }
    for (other, _) in others where image.width != other.width || image.height != other.height {
      throw UnreadableExample(
        "\(companions.names[index]) is \(other.width) × \(other.height) pixels, not "
          + "\(image.width) × \(image.height)")
    }
    var random = random
    if let crop {
      let parts = crop.apply(
        to: image, and: others, width: form.width, height: form.height, random: &random)
      image = parts.image
      for (place, part) in parts.companions.enumerated() { others[place].image = part }
    }
    if var random {
      for augmentation in augmentations {
        let before = random
        image = augmentation.apply(to: image, random: &random)
        guard augmentation.isGeometric else { continue }
        for place in others.indices {
          var same = before
          others[place].image = augmentation.apply(
            to: others[place].image, random: &same, sampling: others[place].sampling)
        }
      }
    }
    image.writePlanes(to: places.bytes(ImageExamples.image))
    write(others.map(\.image), into: places)
  }

  /// What goes with an image, and how it is read between pixels.
  private func others(at index: Int) throws(ImageError) -> [(image: Image, sampling: Sampling)] {
    let image = try companions.image(at: index)
    switch companion {
    case .image(let target):
      let fitted =
        crop == nil ? try target.resized(image) : image.flattened(channels: target.channels)
      return [(fitted, .linear)]
    case .mask:
      let mask = image.flattened(channels: 1)
      guard let weights else { return [(mask, .nearest)] }
      return [(mask, .nearest), (try weights.images.image(at: index), .linear)]
    }
  }

  private func write(_ others: [Image], into places: ExamplePlaces) {
    guard case .mask(let classes, let margin) = companion else {
      return others[0].writePlanes(to: places.bytes(Self.target))
    }
    let planes = places.bytes(Self.mask)
    planes.update(repeating: 0)
    let (width, height) = (form.width - 2 * margin, form.height - 2 * margin)
    let area = width * height
    others[0].forEachPixel(within: margin) { pixel, value in
      if Int(value) < classes { planes[Int(value) * area + pixel] = 1 }
    }
    guard others.count > 1 else { return }
    let weights = places.bytes(Self.weight)
    others[1].forEachPixel(within: margin) { weights[$0] = $1 }
  }
}

extension Image {
  /// Calls `body` with the number and the value of each pixel of a gray image that is at least `margin` from
  /// its edges.
  @inline(__always)
  fileprivate func forEachPixel(within margin: Int, _ body: (Int, UInt8) -> Void) {
    withUnsafeBytes { values in
      var number = 0
      for y in margin..<height - margin {
        for x in margin..<width - margin {
          body(number, values[y * width + x])
          number += 1
        }
      }
    }
  }
}
