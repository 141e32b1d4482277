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
    /// class and 0 elsewhere; 0 for all classes where the value is none of them.
    case mask(classes: Int)
  }

  public let images: Dataset
  /// As many as the images, in their order.
  public let companions: Dataset
  public let form: Preprocessing
  public let companion: Companion
  public let augmentations: [any Augmentation]

  public static let target = "target"
  public static let mask = "mask"

  /// - Precondition: as many companions as images, all of the input's size.
  public init(
    _ images: Dataset, with companions: Dataset, as companion: Companion, form: Preprocessing,
    augmentations: [any Augmentation] = []
  ) {
    precondition(images.count == companions.count, "a companion for each image")
    self.images = images
    self.companions = companions
    self.companion = companion
    self.form = form
    self.augmentations = augmentations
  }

  public var count: Int { images.count }
  public var isSlow: Bool { if case .files = images.source { true } else { false } }
  public func name(of index: Int) -> String { images.names[index] }

  public func slots(bucket: Int) -> [ExampleSlot] {
    let other =
      switch companion {
      case .image(let target): target.slot(Self.target)
      case .mask(let classes):
        ExampleSlot(
          Self.mask, [classes, form.height, form.width],
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
      image = try form.resized(images.image(at: index))
      other = try companion(at: index)
    } catch { throw UnreadableExample(error.reason) }
    guard image.width == other.width, image.height == other.height else {
      throw UnreadableExample(
        "\(companions.names[index]) is \(other.width) × \(other.height) pixels, not "
          + "\(image.width) × \(image.height)")
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
    case .image(let target): try target.resized(image)
    case .mask: image.flattened(channels: 1)
    }
  }

  private func write(_ image: Image, into places: ExamplePlaces) {
    guard case .mask(let classes) = companion else {
      return image.writePlanes(to: places.bytes(Self.target))
    }
    let planes = places.bytes(Self.mask)
    planes.update(repeating: 0)
    let area = image.width * image.height
    image.withUnsafeBytes { values in
      for (pixel, value) in values.enumerated() where Int(value) < classes {
        planes[Int(value) * area + pixel] = 1
      }
    }
  }
}
