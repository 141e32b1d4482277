import Images
import ModelFiles
import Tensors

/// Images that belong together pixel by pixel as examples: an image and what it should become, or an
/// image and the class of each of its pixels. Both are moved alike by geometric augmentations; others
/// change the image alone.
public struct ImagePairs: ExampleSource {
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

  public static let target = "target"
  public static let mask = "mask"

  /// - Precondition: as many companions as images, all of the input's size, or of their image's with a crop.
  public init(
    _ images: Dataset, with companions: Dataset, as companion: Companion, form: Preprocessing,
    crop: RandomScaledCrop? = nil, augmentations: [any Augmentation] = []
  ) {
    precondition(images.count == companions.count, "a companion for each image")
    self.images = images
    self.companions = companions
    self.companion = companion
    self.form = form
    self.crop = crop
    self.augmentations = augmentations
  }

  public var count: Int { images.count }
  public var isSlow: Bool { if case .files = images.source { true } else { false } }
  public func name(of index: Int) -> String { images.names[index] }

  public func slots(bucket: Int) -> [ExampleSlot] {
    let other =
      switch companion {
      case .image(let target): target.slot(Self.target)
      case .mask(let classes, let margin):
        ExampleSlot(
          Self.mask, [classes, form.height - 2 * margin, form.width - 2 * margin],
          .bytes(
            scale: Array(repeating: 1, count: classes), shift: Array(repeating: 0, count: classes)))
      }
    return [form.slot(ImageExamples.image), other]
  }

  public func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    var (image, other): (Image, Image)
    do throws(ImageError) {
      image = try images.image(at: index)
      image = crop == nil ? try form.resized(image) : image.flattened(channels: form.channels)
      other = try companion(at: index)
    } catch { throw UnreadableExample(error.reason) }
    guard image.width == other.width, image.height == other.height else {
      throw UnreadableExample(
        "\(companions.names[index]) is \(other.width) × \(other.height) pixels, not "
          + "\(image.width) × \(image.height)")
    }
    var random = random
    if let crop {
      (image, other) = crop.apply(
        to: image, and: other, width: form.width, height: form.height, random: &random,
        companionSampling: sampling)
    }
    if var random {
      for augmentation in augmentations {
        var same = random
        image = augmentation.apply(to: image, random: &random)
        guard augmentation.isGeometric else { continue }
        other = augmentation.apply(to: other, random: &same, sampling: sampling)
      }
    }
    image.writePlanes(to: places.bytes(ImageExamples.image))
    write(other, into: places)
  }

  private var sampling: Sampling { if case .mask = companion { .nearest } else { .linear } }

  private func companion(at index: Int) throws(ImageError) -> Image {
    let image = try companions.image(at: index)
    return switch companion {
    case .image(let target):
      crop == nil ? try target.resized(image) : image.flattened(channels: target.channels)
    case .mask: image.flattened(channels: 1)
    }
  }

  private func write(_ image: Image, into places: ExamplePlaces) {
    guard case .mask(let classes, let margin) = companion else {
      return image.writePlanes(to: places.bytes(Self.target))
    }
    let planes = places.bytes(Self.mask)
    planes.update(repeating: 0)
    let (width, height) = (image.width - 2 * margin, image.height - 2 * margin)
    let area = width * height
    image.withUnsafeBytes { values in
      for y in 0..<height {
        let row = (y + margin) * image.width + margin
        for x in 0..<width {
          let value = Int(values[row + x])
          if value < classes { planes[value * area + y * width + x] = 1 }
        }
      }
    }
  }
}
