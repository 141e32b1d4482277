import ModelFiles

/// The augmentations by the names that the command line knows, with strengths that suit the input's size.
public enum AugmentationKind: String, Sendable, Codable, CaseIterable {
  case flip, shift, crop, color, resample, affine, elastic, cutout, cutmix

  /// The kind of a name; `colour` is `color`, as it was written in earlier configurations.
  public init?(name: String) { self.init(rawValue: name == "colour" ? "color" : name) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let kind = Self(name: name) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "unknown augmentation \"\(name)\"")
    }
    self = kind
  }

  /// What it does, in one line.
  public var summary: String {
    switch self {
    case .flip: "mirror left to right, one time in two"
    case .shift: "move by up to an eighth of the width, mirrored at the border"
    case .crop: "a random part of 35 to 100 % of the area, resized"
    case .color: "change brightness, contrast and saturation by up to 30 %"
    case .affine:
      "turn by up to 10°, scale and slant by up to 10 %, move by up to a 14th; one time in two"
    case .elastic: "pull about like rubber (for digits and letters), one time in two"
    case .resample: "make coarser by up to 2 ×, one time in three"
    case .cutmix: "paste a part of another image and mix the classes by area, one time in two"
    case .cutout: "cover a square of a quarter of the width with gray"
    }
  }

  /// The augmentation itself; nil for ``crop``, which comes before all others (``RandomResizedCrop``),
  /// and for ``cutmix``, which comes after them (``CutMix``).
  public func augmentation(for form: Preprocessing) -> (any Augmentation)? {
    switch self {
    case .flip: HorizontalFlip()
    case .shift: RandomTranslation(pixels: max(1, form.width / 8))
    case .crop, .cutmix: nil
    case .color: ColorJitter()
    case .resample: RandomApply(Coarsening(), probability: 1 / 3)
    case .affine: RandomApply(RandomAffine(shift: Float(form.width) / 14))
    case .elastic:
      RandomApply(
        ElasticTransform(alpha: 34 * Float(form.width) / 29, sigma: 4 * Float(form.width) / 29))
    case .cutout: Cutout(size: max(1, form.width / 4))
    }
  }
}
