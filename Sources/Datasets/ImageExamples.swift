import Images
import ModelFiles
import Tensors

/// Images and the class of each as examples: the input `image` and, where wanted, `class`.
///
/// `image` is C × H × W, normalized; `class` has 1 at the image's class, or at each label that holds, and 0
/// elsewhere, or the shares of the classes of two images that are mixed.
public struct ImageExamples: ExampleSource {
  public let dataset: Dataset
  public let form: Preprocessing
  /// How many classes the input `class` has; nil for none.
  public let classCount: Int?
  /// Cuts a random part from each image, in training; nil fits the image as the form says.
  public let crop: RandomResizedCrop?
  /// Applied in this order, in training.
  public let augmentations: [any Augmentation]
  /// Mixes images and their classes after that, in training.
  public let cutMix: CutMix?

  public static let image = "image"
  public static let label = "class"

  public init(
    _ dataset: Dataset, form: Preprocessing, classCount: Int? = nil, crop: RandomResizedCrop? = nil,
    augmentations: [any Augmentation] = [], cutMix: CutMix? = nil
  ) {
    precondition(form.isValid, "an input that can be")
    self.dataset = dataset
    self.form = form
    self.classCount = classCount
    self.crop = crop
    self.augmentations = augmentations
    self.cutMix = cutMix
  }

  public var count: Int { dataset.count }

  public var isSlow: Bool { if case .files = dataset.source { true } else { false } }

  public func slots(bucket: Int) -> [ExampleSlot] {
    [form.slot(Self.image)] + (classCount.map { [ExampleSlot(Self.label, [$0])] } ?? [])
  }

  public func name(of index: Int) -> String { dataset.names[index] }

  public func write(
    _ index: Int, into places: ExamplePlaces, random: RandomSource?
  ) throws(UnreadableExample) {
    var image: Image
    do throws(ImageError) { image = try prepared(index, random) } catch {
      throw UnreadableExample(error.reason)
    }
    let mixed = random.flatMap { mix(into: &image, $0) }
    image.writePlanes(to: places.bytes(Self.image))
    guard classCount != nil else { return }
    let targets = places.floats(Self.label)
    dataset.annotation.addTargets(of: index, share: 1 - (mixed?.share ?? 0), to: targets)
    if let mixed {
      dataset.annotation.addTargets(of: mixed.index, share: mixed.share, to: targets)
    }
  }

  /// Pastes a part of another image into one.
  ///
  /// - Returns: the other's number and its share of the area; nil where nothing is mixed.
  private func mix(into image: inout Image, _ random: RandomSource) -> (index: Int, share: Float)? {
    guard let cutMix else { return nil }
    var random = random.split("cutmix")
    guard let part = cutMix.part(width: form.width, height: form.height, random: &random) else {
      return nil
    }
    let other = RandomSource.place(random.block(at: 0)[0], below: count)
    // Where the other cannot be read, that is told when its own turn comes.
    guard let source = try? prepared(other, random.split("other")) else { return nil }
    image.paste(part, of: source)
    return (other, Float(part.area) / Float(form.width * form.height))
  }

  private func prepared(
    _ index: Int, _ random: RandomSource?
  ) throws(ImageError) -> Image {
    let image = try dataset.image(at: index)
    guard var random else { return try form.resized(image) }
    var result: Image
    if let crop {
      result = try crop.apply(to: image, form: form, random: &random)
    } else {
      result = try form.resized(image)
    }
    for augmentation in augmentations {
      result = augmentation.apply(to: result, random: &random)
    }
    return result
  }
}
