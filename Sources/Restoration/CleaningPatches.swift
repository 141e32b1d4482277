import Datasets
import Images

/// Parts of photographs as examples for a ``Cleaner``: the input `image`, (colors + 1) × side × side, a part with a
/// flaw, and how strong the flaw is; `target`, colors × side × side, the part itself. All are 0…1.
package protocol CleaningPatches: ImageExampleSource {
  /// 1 gray, 3 RGB.
  var colors: Int { get }
  /// In pixels.
  var side: Int { get }
}

extension CleaningPatches {
  package static var image: String { "image" }
  package static var target: String { "target" }

  package func slots(bucket: Int) -> [ExampleSlot] {
    [
      ExampleSlot(Self.image, [colors + 1, side, side]),
      ExampleSlot(Self.target, [colors, side, side]),
    ]
  }

  /// A photograph that has room for a part.
  func photograph(at index: Int) throws(ImageError) -> Image {
    let photograph = try images.image(at: index).flattened(channels: 3)
    guard min(photograph.width, photograph.height) >= side else {
      throw .invalidRequest("is smaller than \(side) × \(side) pixels")
    }
    return photograph
  }
}
