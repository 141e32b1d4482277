import Filters
import Images
import Testing

/// The filters of the second shelf whose windows mix neighbors weigh colors by alpha, too.
@Suite struct AlphaShelfTests {
  private static let mixing = [
    "median 3", "median 5", "median 9", "min 3", "max 5", "erode", "dilate", "open", "close",
    "morph-gradient", "tophat", "blackhat", "bilateral 5,60,2", "unsharp 1.5", "log 1",
    "log 1 zero-crossings 5", "dog 1,2",
    "roberts", "kirsch", "adaptive-threshold 7,2", "adaptive-threshold 7,2 weights gaussian",
    // Of one threshold, so that no edge depends on one far away.
    "canny 200,200", "canny 900,900 aperture 5", "canny 200,200 l2",
  ]

  private static let samples: [SampleType] = [.uint8, .uint16, .float32]

  /// Alphas of all kinds; a third of the pixels is invisible.
  private func translucent(
    _ sample: SampleType, hidden: UInt64, width: Int = 90, height: Int = 23
  ) -> Image {
    let layout = PixelLayout(width: width, height: height, channels: 4, sample: sample)
    let (seen, other) = (Image.random(layout, seed: 3), Image.random(layout, seed: hidden))
    var pixels = seen.samples
    for pixel in 0..<width * height {
      // Left of the middle all is opaque.
      if pixel % width < width / 2 { pixels[4 * pixel + 3] = sample.full }
      guard pixel % 3 == 1, pixel % width >= width / 2 else { continue }
      for c in 0..<3 { pixels[4 * pixel + c] = other.samples[4 * pixel + c] }
      pixels[4 * pixel + 3] = 0
    }
    return Image(layout, pixels)
  }

  @Test(arguments: mixing, samples)
  func hiddenColorsDoNotMatter(_ name: String, _ sample: SampleType) throws {
    let chain = FilterChain([try parsed(name)])
    let (one, other) = (translucent(sample, hidden: 5), translucent(sample, hidden: 6))
    let (a, b) = (try chain.apply(to: one), try chain.apply(to: other))
    #expect(a.layout == b.layout)
    let channels = a.layout.channels
    for pixel in 0..<a.layout.width * a.layout.height {
      let range = channels * pixel..<channels * (pixel + 1)
      // The color of what is invisible afterwards does not matter either.
      if channels == 4 || channels == 2, a.samples[range.upperBound - 1] == 0 { continue }
      #expect(Array(a.samples[range]) == Array(b.samples[range]), "pixel \(pixel)")
      if Array(a.samples[range]) != Array(b.samples[range]) { return }
    }
  }

  @Test(arguments: mixing, samples)
  func opaquePixelsAreFilteredAsWithoutAlpha(_ name: String, _ sample: SampleType) throws {
    let chain = FilterChain([try parsed(name)])
    let image = translucent(sample, hidden: 5)
    let colors = image.withoutAlpha
    let (result, expected) = (try chain.apply(to: image), try chain.apply(to: colors))
    let (channels, colorChannels) = (result.layout.channels, expected.layout.channels)
    for y in 0..<23 {
      // No window of the filters above reaches further than 12 pixels.
      for x in 0..<90 / 2 - 12 {
        let pixel = y * 90 + x
        #expect(
          Array(result.samples[channels * pixel..<channels * pixel + colorChannels])
            == Array(expected.samples[colorChannels * pixel..<colorChannels * (pixel + 1)]),
          "\(x), \(y)")
      }
    }
  }

  /// Against the definition: colors times alpha and alpha, each the middle or the extreme of its window.
  @Test(arguments: ["median 3", "min 3", "max 3"], samples)
  func ranksOfPremultipliedColors(_ name: String, _ sample: SampleType) throws {
    let image = translucent(sample, hidden: 5)
    let result = try FilterChain([parsed(name)]).apply(to: image)
    let (width, height, white) = (90, 23, sample.full)
    func ranked(_ x: Int, _ y: Int, _ value: (Int) -> Double) -> Double {
      var window: [Double] = []
      for dy in -1...1 {
        for dx in -1...1 {
          let (column, row) = (x + dx, y + dy)
          let isInside = (0..<width).contains(column) && (0..<height).contains(row)
          // The median repeats the outermost pixel; to extremes what lies outside does not count.
          guard isInside || name.hasPrefix("median") else { continue }
          window.append(
            value(min(max(row, 0), height - 1) * width + min(max(column, 0), width - 1)))
        }
      }
      window.sort()
      return name.hasPrefix("median")
        ? window[window.count / 2] : name.hasPrefix("min") ? window[0] : window[window.count - 1]
    }
    for y in 0..<height {
      for x in 0..<width {
        let alpha = ranked(x, y) { image.samples[4 * $0 + 3] }
        let place = 4 * (y * width + x)
        #expect(abs(result.samples[place + 3] - alpha) <= 1e-6 * white)
        guard alpha > 0.1 * white else { continue }
        for c in 0..<3 {
          let color = ranked(x, y) { image.samples[4 * $0 + c] * image.samples[4 * $0 + 3] / white }
          let expected = color * white / alpha
          let limited = sample == .float32 ? expected : min(expected, white)
          let tolerance = sample == .uint8 ? 0.501 : sample == .uint16 ? 6 : 1e-4 * max(1, expected)
          #expect(abs(result.samples[place + c] - limited) <= tolerance, "\(x), \(y), \(c)")
          if abs(result.samples[place + c] - limited) > tolerance { return }
        }
      }
    }
  }

  @Test func straightLeavesAlphaAlone() throws {
    let image = translucent(.uint8, hidden: 5)
    let step = try FilterStep(.median, "3", FilterOptions(alpha: .straight))
    let result = try FilterChain([step]).apply(to: image)
    for pixel in 0..<90 * 23 {
      #expect(result.samples[4 * pixel + 3] == image.samples[4 * pixel + 3])
    }
  }

  /// A window that reaches beyond the image, whose constant border is opaque: white pixels of which half
  /// is seen, with black around.
  @Test(arguments: [5, 101])
  func constantBordersAreOpaque(_ size: Int) throws {
    let layout = PixelLayout(width: 150, height: 8, channels: 2)
    let image = Image(layout, (0..<150 * 8).flatMap { _ in [255.0, 128.0] })
    let options = FilterOptions(border: .constant(0))
    let result = try FilterChain([FilterStep(.box, "\(size)", options)]).apply(to: image)
    let half = size / 2
    for (x, y) in [(0, 0), (75, 4), (149, 7)] {
      let inside =
        Double(min(x + half, 149) - max(x - half, 0) + 1)
        * Double(min(y + half, 7) - max(y - half, 0) + 1)
      let area = Double(size * size)
      let alpha = (128 * inside + 255 * (area - inside)) / area
      let color = 255 * 128 * inside / area / alpha
      let place = 2 * (y * 150 + x)
      #expect(abs(result.samples[place] - color) <= 0.51, "\(x), \(y)")
      #expect(abs(result.samples[place + 1] - alpha) <= 0.51, "\(x), \(y)")
    }
  }

  /// The range of what is stretched is that of visible pixels.
  @Test(arguments: [AlphaHandling.weighted, .straight])
  func invisiblePixelsAreNotStretchedTo(_ handling: AlphaHandling) throws {
    let layout = PixelLayout(width: 4, height: 1, channels: 2)
    let image = Image(layout, [100, 255, 150, 255, 0, 0, 255, 0])
    let options = FilterOptions(range: .normalized, alpha: handling)
    let result = try FilterChain([FilterStep(.identity, nil, options)]).apply(to: image)
    #expect(Array(result.samples.prefix(4)) == [0, 255, 255, 255])
  }

  /// `NAME ARGUMENT MODIFIER VALUE`.
  private func parsed(_ text: String) throws -> FilterStep {
    let words = text.split(separator: " ").map(String.init)
    return try FilterStep(
      #require(Filter.named(words[0])), words.count > 1 ? words[1] : nil,
      modifiers: words.count > 3 ? [words[2]: words[3]] : [:])
  }
}

extension Image {
  /// The colors alone.
  fileprivate var withoutAlpha: Image {
    var layout = layout
    layout.channels -= 1
    let channels = layout.channels + 1
    return Image(
      layout, samples.enumerated().filter { $0.offset % channels != channels - 1 }.map(\.element))
  }
}

extension SampleType {
  /// The sample of what is opaque.
  fileprivate var full: Double {
    switch self {
    case .uint8: 255
    case .uint16: 65_535
    case .float32: 1
    }
  }
}
