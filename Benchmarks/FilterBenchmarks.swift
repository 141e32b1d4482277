import Filters
import Images

/// The filters on a 12-megapixel image in memory, gray and RGB, on one and two threads. The peer is
/// `peers/opencv_filters.py`, on the same pixels.
///
/// - Parameter prefix: what the names of those to measure begin with.
func benchmarkFilters(_ prefix: String) throws {
  let works: [(name: String, filter: Filter, argument: String?, modifiers: [String: String])] = [
    ("sobel", .sobel, nil, [:]), ("sharpen", .sharpen, nil, [:]), ("box 3", .box, "3", [:]),
    ("box 15", .box, "15", [:]), ("gaussian 2", .gaussian, "2", [:]),
    ("gaussian 5", .gaussian, "5", [:]),
    ("median 3", .median, "3", [:]), ("median 5", .median, "5", [:]),
    ("median 7", .median, "7", [:]), ("median 15", .median, "15", [:]),
    ("bilateral 9", .bilateral, "9,50,50", [:]), ("unsharp 2", .unsharp, "2", [:]),
    ("canny 50 150", .canny, "50,150", [:]),
    ("erode 5", .erode, nil, ["element-size": "5"]),
    ("open 5", .open, nil, ["element-size": "5"]),
    ("threshold otsu", .threshold, "otsu", [:]),
    ("adaptive mean 31", .adaptiveThreshold, "31,5", [:]),
    ("adaptive gaussian 31", .adaptiveThreshold, "31,5", ["weights": "gaussian"]),
    ("equalize", .equalize, nil, [:]), ("clahe 2", .clahe, "2", [:]),
  ]
  let turns: [(name: String, step: FilterStep)] = [
    ("half size, area", try FilterStep(.resize, "50%")),
    (
      "0.3, Lanczos",
      try FilterStep(.resize, "30%", modifiers: ["interpolation": "lanczos"])
    ),
    ("rotate 10°", try FilterStep(.rotate, "10", modifiers: ["background": "black"])),
    ("rotate 90°", try FilterStep(.rotate, "90")),
  ]
  for channels in [1, 3] {
    let image = benchmarkImage(
      PixelLayout(width: 4000, height: 3000, channels: channels))
    for (name, step) in turns where name.hasPrefix(prefix) {
      let chain = FilterChain([step])
      var output = Image(layout: try chain.outputLayout(for: image.layout))
      for threads in [1, 2] {
        let timing = try Timing {
          try chain.apply(to: image, into: &output, threads: threads)
        }
        report("filters", "\(name) \(channels == 1 ? "gray" : "RGB")", "\(threads)", timing)
      }
    }
    for work in works where work.name.hasPrefix(prefix) {
      let chain = FilterChain([
        try FilterStep(work.filter, work.argument, modifiers: work.modifiers)
      ])
      var output = Image(layout: try chain.outputLayout(for: image.layout))
      for threads in [1, 2] {
        let timing = try Timing {
          try chain.apply(to: image, into: &output, threads: threads)
        }
        report("filters", "\(work.name) \(channels == 1 ? "gray" : "RGB")", "\(threads)", timing)
      }
    }
  }
}

/// The same on RGBA: what it costs to weigh colors by alpha, beside alpha carried through.
func benchmarkAlpha(_ prefix: String) throws {
  let layout = PixelLayout(width: 4000, height: 3000, channels: 4)
  let works: [(name: String, filter: Filter, argument: String?)] = [
    ("sharpen", .sharpen, nil), ("blur", .blur, nil), ("sobel", .sobel, nil), ("box 3", .box, "3"),
    ("box 15", .box, "15"), ("gaussian 2", .gaussian, "2"),
  ]
  // Columns of a row that are not opaque.
  for (kind, translucent) in [
    ("opaque", 0..<0), ("a tenth translucent", 1000..<1400), ("translucent", 0..<4000),
  ] {
    var image = benchmarkImage(layout)
    image.withUnsafeMutableBytes { bytes in
      for y in 0..<layout.height {
        for x in 0..<layout.width {
          let alpha = translucent.contains(x) ? UInt8(truncatingIfNeeded: x &* 7 &+ y) & 254 : 255
          bytes[(y * layout.width + x) * 4 + 3] = alpha
        }
      }
    }
    var output = Image(layout: layout)
    for work in works where "\(work.name) RGBA, \(kind)".hasPrefix(prefix) {
      for alpha in AlphaHandling.allCases {
        let chain = FilterChain([
          try FilterStep(work.filter, work.argument, FilterOptions(alpha: alpha))
        ])
        let timing = try Timing { try chain.apply(to: image, into: &output) }
        report("filters", "\(work.name) RGBA, \(kind)", "\(alpha)", timing)
      }
    }
  }
}

/// A picture with smooth parts, edges and noise; the peers make the same one.
func benchmarkImage(_ layout: PixelLayout) -> Image {
  var image = Image(layout: layout)
  var noise: UInt32 = 1
  image.withUnsafeMutableBytes { bytes in
    for y in 0..<layout.height {
      for x in 0..<layout.samplesPerRow {
        noise = noise &* 1_664_525 &+ 1_013_904_223
        let edges = (x / 160 + y / 90) % 2 == 0 ? 60 : 0
        let slope = (x + y) * 140 / (layout.samplesPerRow + layout.height)
        bytes[y * layout.samplesPerRow + x] = UInt8(edges + slope + Int(noise >> 28))
      }
    }
  }
  return image
}
