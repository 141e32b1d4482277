import Images
import ModelFiles
import Tensors

/// Images and the class of each as examples: the input `image` and, where wanted, `class`.
///
/// `image` is C × H × W, normalized; `class` has 1 at the image's class and 0 elsewhere.
public struct ImageExamples: ExampleSource {
  public let dataset: Dataset
  public let form: Preprocessing
  /// How many classes the input `class` has; nil for none.
  public let classCount: Int?
  /// Cuts a random part from each image, in training; nil fits the image as the form says.
  public let crop: RandomResizedCrop?
  /// Applied in this order, in training.
  public let augmentations: [any Augmentation]

  public static let image = "image"
  public static let label = "class"

  public init(
    _ dataset: Dataset, form: Preprocessing, classCount: Int? = nil, crop: RandomResizedCrop? = nil,
    augmentations: [any Augmentation] = []
  ) {
    precondition(form.isValid, "an input that can be")
    self.dataset = dataset
    self.form = form
    self.classCount = classCount
    self.crop = crop
    self.augmentations = augmentations
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
    let image: Image
    do throws(ImageError) { image = try prepared(index, random) } catch {
      throw UnreadableExample(error.reason)
    }
    image.writePlanes(to: places.bytes(Self.image))
    if classCount != nil { places.floats(Self.label)[dataset.labels[index]] = 1 }
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
