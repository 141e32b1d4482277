import Filters
import Images
import Testing

/// What is invisible adds no color, and opaque images are filtered as without alpha.
@Suite struct AlphaTests {
  /// A white square, columns and rows 7…13, in transparent red.
  private func halo() -> Image {
    var samples: [Double] = []
    for y in 0..<21 {
      for x in 0..<21 {
        let isInside = (7..<14).contains(x) && (7..<14).contains(y)
        samples += isInside ? [255, 255, 255, 255] : [255, 0, 0, 0]
      }
    }
    return Image(PixelLayout(width: 21, height: 21, channels: 4), samples)
  }

  @Test func noHiddenColorBleedsIn() throws {
    let result = try FilterChain([FilterStep(.gaussian, "2")]).apply(to: halo())
    let row = result.rows[10]
    for x in 0..<21 {
      let pixel = Array(row[4 * x..<4 * x + 4])
      #expect(pixel[3] == 0 || pixel.prefix(3) == [255, 255, 255], "\(x): \(pixel)")
    }
    #expect([4, 5, 6, 7].map { row[4 * $0 + 3] } == [24, 53, 94, 141])
  }

  @Test(arguments: ["sobel", "prewitt", "scharr", "laplacian", "edge", "edge8", "strong-edge"])
  func differencesSeeNoEdgeInWhatIsInvisible(_ name: String) throws {
    let result = try FilterChain([FilterStep(#require(Filter.named(name)))]).apply(to: halo())
    let before = halo().samples
    for (index, sample) in result.samples.enumerated() {
      #expect(sample == (index % 4 == 3 ? before[index] : 0), "\(name): sample \(index)")
    }
  }

  @Test func straightIsEachChannelOnItsOwn() throws {
    let straight = FilterOptions(alpha: .straight)
    let result = try FilterChain([FilterStep(.blur, nil, straight)]).apply(to: halo())
    // A quarter of white's column in the green, and alpha as it was.
    #expect(Array(result.rows[10][4 * 6..<4 * 7]) == [255, 64, 64, 0])
  }

  /// With opaque pixels alone, and with a few others far away.
  @Test(arguments: [SampleType.uint8, .uint16, .float32])
  func opaquePixelsAreFilteredAsWithoutAlpha(_ sample: SampleType) throws {
    let white: Double = sample == .uint8 ? 255 : sample == .uint16 ? 65_535 : 1
    var rgb = PixelLayout(width: 517, height: 41, channels: 3, sample: sample)
    let colors = Image.random(rgb, seed: 7)
    rgb.channels = 4
    for spoiled in [false, true] {
      var samples: [Double] = []
      for (index, color) in colors.samples.enumerated() {
        samples.append(color)
        if index % 3 == 2 { samples.append(spoiled && index < 300 ? 0 : white) }
      }
      let image = Image(rgb, samples)
      for (filter, argument) in [
        (Filter.sharpen, nil), (.sobel, nil), (.box, "5"), (.box, "3"), (.gaussian, "1.5"),
      ] as [(Filter, String?)] {
        let chain = FilterChain([try FilterStep(filter, argument)])
        let result = try chain.apply(to: image).rows
        let expected = try chain.apply(to: colors).rows
        for y in 10..<41 {
          for x in 0..<517 {
            #expect(
              Array(result[y][4 * x..<4 * x + 3]) == Array(expected[y][3 * x..<3 * x + 3]),
              "\(filter.name) at \(x), \(y)")
            if result[y][4 * x] != expected[y][3 * x] { return }
          }
        }
      }
    }
  }
}
