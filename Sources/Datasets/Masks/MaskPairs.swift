import Images

/// Images and masks in two folders that are called alike: `images/a/1.jpg` goes with `masks/a/1.png`.
public struct MaskPairs: Sendable {
  public let imageFolder: String
  /// Paths, one mask for each image.
  public let images: [String]
  public let masks: [String]
  /// What is odd about the folders.
  public let warnings: [DatasetWarning]

  /// The share of images or masks that may be without the other.
  static let toleratedShare = 0.1

  /// - Throws: ``DatasetError`` where a folder holds no images, or where more than a tenth of the images or
  ///   of the masks have no partner.
  public init(images imageFolder: String, masks maskFolder: String) throws(DatasetError) {
    let (images, imageWarnings) = try ImageFolder.unlabeled(path: imageFolder)
    let (masks, maskWarnings) = try ImageFolder.unlabeled(path: maskFolder)
    let known = Dictionary(
      masks.names.map { (Self.stem($0, below: maskFolder), $0) },
      uniquingKeysWith: { first, _ in first })
    var pairs: [(image: String, mask: String)] = []
    var lonely: [String] = []
    for image in images.names {
      if let mask = known[Self.stem(image, below: imageFolder)] {
        pairs.append((image, mask))
      } else {
        lonely.append(image)
      }
    }
    let used = Set(pairs.map(\.mask))
    let lonelyMasks = masks.names.filter { !used.contains($0) }
    var warnings = imageWarnings + maskWarnings
    for (lonely, all, folder, partner) in [
      (lonely, images.count, imageFolder, "mask"),
      (lonelyMasks, masks.count, maskFolder, "image"),
    ] where !lonely.isEmpty {
      guard Double(lonely.count) <= Self.toleratedShare * Double(all) else {
        throw .corrupt(
          path: folder,
          "\(lonely.count) of \(all) files have no \(partner) of their name, such as \(lonely[0]); a mask "
            + "is called like its image")
      }
      warnings.append(
        .withoutPartner(path: folder, count: lonely.count, example: lonely[0], partner: partner))
    }
    self.imageFolder = imageFolder
    self.images = pairs.map(\.image)
    self.masks = pairs.map(\.mask)
    self.warnings = warnings
  }

  private init(imageFolder: String, images: [String], masks: [String]) {
    self.imageFolder = imageFolder
    self.images = images
    self.masks = masks
    warnings = []
  }

  public var count: Int { images.count }

  /// The last of so many pairs apart: neighbors in a folder are often frames of a scene or sections of a
  /// body, and alike.
  public func split(
    holdingOutOneIn interval: Int
  ) -> (training: MaskPairs, heldOut: MaskPairs) {
    let first = count - count / interval
    func part(_ range: Range<Int>) -> MaskPairs {
      MaskPairs(
        imageFolder: imageFolder, images: Array(images[range]), masks: Array(masks[range]))
    }
    return (part(0..<first), part(first..<count))
  }

  /// A path below a folder, without its ending.
  private static func stem(_ path: String, below folder: String) -> Substring {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let name = path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : path[...]
    guard let dot = name.lastIndex(of: "."),
      name.lastIndex(of: "/").map({ $0 < dot }) ?? true
    else { return name }
    return name[..<dot]
  }
}
