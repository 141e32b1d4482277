import Filters
import Images

/// What reads pictures, and what says how they are filtered.
enum Reader: String, CaseIterable {
  case png, jpeg, webp, gif, bmp, tiff, kernel, options

  func read(_ bytes: [UInt8]) {
    switch self {
    case .png, .jpeg, .webp, .gif, .bmp, .tiff: readPicture(bytes)
    case .kernel: readKernel(bytes)
    case .options: readOptions(bytes)
    }
  }

  var seeds: [[UInt8]] {
    switch self {
    case .png, .jpeg, .webp: ImageFormat(rawValue: rawValue).map(pictures) ?? []
    // Only files that others wrote: these formats are not written.
    case .gif, .bmp, .tiff: []
    case .kernel:
      [
        "1 0 -1; 2 0 -2; 1 0 -1", "1/9 1/9 1/9\n1/9 1/9 1/9\n1/9 1/9 1/9\n",
        #"{"kernel": [[1, 0.5e-3, -1]], "scale": 2, "bias": 128}"#,
      ].map { Array($0.utf8) }
    case .options:
      (everyFilter + [
        ["--sobel", "--direction", "angle", "--gaussian=1.4", "--border", "constant:7", "a.png"],
        ["--box", "3", "--stride", "2", "--padding", "valid", "--max-pool", "2", "--normalize"],
        ["--kernel", "1 2;3 4", "--scale", "0.5", "--bias", "-3", "--relu", "--border", "wrap"],
        ["--gray", "--sum-pool", "2", "--absolute", "--scharr", "--direction=x", "--", "-"],
        [
          "--box", "3", "--region", "0,0,3,2", "--mask", "m.png", "--linear", "--alpha", "straight",
        ],
      ]).map { Array($0.joined(separator: "\n").utf8) }
    }
  }

  /// Each filter of the catalog with its argument and all that may stand behind it.
  private var everyFilter: [[String]] {
    Filter.catalog.map { filter in
      ["--" + filter.name] + [filter.parameter?.example].compactMap { $0 }
        + filter.modifiers.flatMap { modifier in
          ["--" + modifier.name]
            + (modifier.placeholder == nil ? [] : [modifier.values.first ?? "1"])
        }
    }
  }

  private func pictures(_ format: ImageFormat) -> [[UInt8]] {
    [1, 2, 3, 4].compactMap { channels in
      let layout = PixelLayout(
        width: 5, height: 3, channels: channels, sample: channels > 2 ? .uint16 : .uint8)
      let bytes = (0..<layout.byteCount).map { UInt8(truncatingIfNeeded: $0 * 29) }
      var image = Image(layout: layout, bytes: bytes)
      image.metadata = Metadata(
        colorDescription: ColorDescription(gamma: 45455),
        xmp: Array("<a tiff:Orientation='6'/>".utf8),
        texts: [TextEntry(keyword: "Title", text: "λ")])
      return try? image.encoded(WriteOptions(format: format))
    }
  }
}
