import Filters
import Images
import Testing

/// A filter on part of the image, and in linear light.
@Suite struct ConfinedTests {
  private let layout = PixelLayout(width: 40, height: 90, channels: 3)

  @Test(arguments: [SampleType.uint8, .uint16, .float32])
  func aRegionIsCutFromTheWholeResult(_ sample: SampleType) throws {
    var layout = layout
    layout.sample = sample
    let image = Image.random(layout, seed: 2)
    for (filter, argument, border) in [
      (Filter.gaussian, "2", nil), (.sobel, nil, nil), (.box, "9", .wrap), (.invert, nil, nil),
    ] as [(Filter, String?, Border?)] {
      let region = Region(x: 5, y: 50, width: 20, height: 33)
      let whole = try FilterChain([FilterStep(filter, argument, .init(border: border))])
        .apply(to: image).rows
      let chain = FilterChain([
        try FilterStep(filter, argument, .init(border: border, region: region))
      ])
      let result = try chain.apply(to: image)
      for y in 0..<90 {
        for x in 0..<40 {
          let isInside = (5..<25).contains(x) && (50..<83).contains(y)
          let expected = isInside ? whole[y] : image.rows[y]
          #expect(result.rows[y][3 * x + 1] == expected[3 * x + 1], "\(filter.name) \(x), \(y)")
          if result.rows[y][3 * x + 1] != expected[3 * x + 1] { return }
        }
      }
      #expect(try collect(chain.source(over: ImageSource(image))).bytes == result.bytes)
      #expect(try chain.apply(to: image, threads: 3).bytes == result.bytes)
    }
  }

  /// The first rows of a part need rows above it, wherever the strips begin that are computed at once.
  @Test(arguments: 240..<272)
  func rowsAboveARegionAreKept(top: Int) throws {
    let image = Image.random(PixelLayout(width: 8, height: 320, channels: 1), seed: 3)
    let region = Region(x: 0, y: top, width: 8, height: 40)
    let whole = try FilterChain([FilterStep(.gaussian, "6")]).apply(to: image)
    let chain = FilterChain([try FilterStep(.gaussian, "6", .init(region: region))])
    let result = try collect(chain.source(over: ImageSource(image)), rowsAtATime: 32)
    var expected = image.rows
    expected.replaceSubrange(top..<top + 40, with: whole.rows[top..<top + 40])
    #expect(result.rows == expected)
  }

  @Test func aMaskBlends() throws {
    let image = Image.random(layout, seed: 2)
    let gray = PixelLayout(width: 40, height: 90, channels: 1)
    let mask = Image.random(gray, seed: 9)
    let blurred = try FilterChain([FilterStep(.box, "5")]).apply(to: image).samples
    let result = try FilterChain([FilterStep(.box, "5", FilterOptions(mask: mask))])
      .apply(to: image).samples
    for (index, sample) in result.enumerated() {
      let share = mask.samples[index / 3] / 255
      let exact = image.samples[index] * (1 - share) + blurred[index] * share
      #expect(abs(sample - exact) <= 0.5 + 1e-9)
    }
  }

  @Test func statisticsComeFromTheRegion() throws {
    var samples = Array(repeating: 0.0, count: 100)
    for index in 0..<50 { samples[index] = Double(index) }
    samples[99] = 255
    let image = Image(PixelLayout(width: 10, height: 10, channels: 1), samples)
    let region = Region(x: 0, y: 0, width: 10, height: 5)
    let options = FilterOptions(range: .normalized, region: region)
    let result = try FilterChain([FilterStep(.identity, nil, options)]).apply(to: image)
    #expect(result.samples[49] == 255 && result.samples[0] == 0 && result.samples[99] == 255)
  }

  @Test func grayInARegionKeepsTheColorsAroundIt() throws {
    let image = Image.random(layout, seed: 2)
    let options = FilterOptions(region: Region(x: 1, y: 1, width: 2, height: 2))
    let result = try FilterChain([FilterStep(.gray, nil, options)]).apply(to: image)
    let gray = try FilterChain([FilterStep(.gray)]).apply(to: image)
    #expect(result.layout == image.layout)
    #expect(result.rows[0] == image.rows[0])
    #expect(Array(result.rows[1][3..<6]) == Array(repeating: gray.rows[1][1], count: 3))
  }

  @Test func whatCannotBeConfinedIsRefused() throws {
    let image = Image.random(layout, seed: 2)
    let region = Region(x: 0, y: 0, width: 5, height: 5)
    let outside = Region(x: 38, y: 0, width: 5, height: 5)
    let small = Image(layout: PixelLayout(width: 4, height: 4, channels: 1))
    for step in [
      try FilterStep(.resize, "50%", FilterOptions(region: region)),
      try FilterStep(.box, "3", FilterOptions(padding: .valid, region: region)),
      try FilterStep(.box, "3", FilterOptions(region: outside)),
      try FilterStep(.box, "3", FilterOptions(mask: small)),
      try FilterStep(.sobel, nil, FilterOptions(linear: true)),
      try FilterStep(.invert, nil, FilterOptions(linear: true)),
    ] {
      #expect(throws: FilterError.self, "\(step)") { try FilterChain([step]).apply(to: image) }
    }
  }

  /// Half black, half white is 188 in linear light (0.5 → 0.7354 · 255), not 128.
  @Test func linearLightIsTheMeanOfLight() throws {
    let image = Image(PixelLayout(width: 2, height: 2, channels: 1), [0, 255, 255, 0])
    let linear = FilterOptions(linear: true)
    let half = try FilterChain([FilterStep(.resize, "50%", linear)]).apply(to: image)
    #expect(half.samples == [188])
    for sample in [SampleType.uint8, .uint16] {
      let all = Image.random(
        PixelLayout(width: 33, height: 40, channels: 4, sample: sample), seed: 3)
      // Nothing happens to a sample on its way there and back.
      let same = try FilterChain([FilterStep(.gaussian, "0.01", linear)]).apply(to: all)
      for (index, (a, b)) in zip(all.samples, same.samples).enumerated() {
        let alpha = all.samples[index / 4 * 4 + 3]
        #expect(abs(a - b) <= (sample == .uint8 ? 0 : 1) || alpha == 0)
      }
    }
  }
}
