import Filters
import Images
import Testing

/// From a picture and its filtered version the filter's kernel is found again.
@Suite struct KernelLearnerTests {
  /// Smooth parts, edges and noise, as photographs have them.
  private func picture(_ channels: Int, _ sample: SampleType = .uint8) -> Image {
    let layout = PixelLayout(width: 320, height: 240, channels: channels, sample: sample)
    var generator = SeededGenerator(7)
    let white = sample == .uint8 ? 255.0 : sample == .uint16 ? 65535 : 1
    var samples: [Double] = []
    for y in 0..<layout.height {
      for x in 0..<layout.samplesPerRow {
        let edges = (x / 23 + y / 17) % 2 == 0 ? 0.3 : 0
        let slope = Double(x + y) / Double(layout.samplesPerRow + layout.height) * 0.4
        let value = 0.05 + edges + slope + Double.random(in: 0...0.2, using: &generator)
        samples.append(sample == .float32 ? value : (value * white).rounded())
      }
    }
    return Image(layout, samples)
  }

  private func check(
    _ step: FilterStep, _ expected: [[Double]], channels: Int = 1, sample: SampleType = .uint8,
    within tolerance: Double = 1e-3
  ) throws {
    let before = picture(channels, sample)
    let after = try FilterChain([step]).apply(to: before)
    let learned = try Kernel.learned(from: before, to: after, size: expected.count)
    for (row, expectedRow) in zip(learned.kernel.rows, expected) {
      for (weight, expectedWeight) in zip(row, expectedRow) {
        #expect(abs(weight - expectedWeight) < tolerance, "\(learned.kernel)")
      }
    }
    // Rounding to samples leaves an error of about √(1/12).
    if sample == .uint8 { #expect(learned.error < 0.35) }
    // The kernel gives the picture again, but for pixels near a rounding bound.
    let options = FilterOptions(alpha: step.options.alpha)
    let again = try FilterChain([FilterStep(kernel: learned.kernel, options)]).apply(to: before)
    if sample == .uint8 {
      let worst = zip(again.samples, after.samples).map { abs($0 - $1) }.max()
      #expect((worst ?? 0) <= 1)
    }
  }

  @Test func findsSobelThoughHalfOfItIsClampedAway() throws {
    try check(
      FilterStep(.sobel, nil, FilterOptions(direction: .x)),
      [[1, 0, -1], [2, 0, -2], [1, 0, -1]])
  }

  /// A color that says nothing: all of them are learnt from.
  @Test(arguments: [0, 255])
  func oneColorMayBeEmpty(_ value: Double) throws {
    let before = picture(3)
    let samples = before.samples.enumerated().map { $0.offset % 3 == 0 ? value : $0.element }
    let image = Image(before.layout, samples)
    let after = try FilterChain([FilterStep(.sharpen)]).apply(to: image)
    let learned = try Kernel.learned(from: image, to: after, size: 3)
    let expected: [Double] = [0, -1, 0, -1, 5, -1, 0, -1, 0]
    for (weight, right) in zip(learned.kernel.weights, expected) {
      #expect(abs(weight - right) < 1e-3, "\(learned.kernel)")
    }
  }

  @Test func progressGrowsToOne() throws {
    let before = picture(1)
    let after = try FilterChain([FilterStep(.blur)]).apply(to: before)
    var shares: [Double] = []
    _ = try Kernel.learned(from: before, to: after, size: 5) { shares.append($0) }
    #expect(shares.last == 1 && shares == shares.sorted() && shares.count > 3)
  }

  @Test func findsTheBox() throws {
    try check(FilterStep(.box, "3"), Array(repeating: [1.0 / 9, 1.0 / 9, 1.0 / 9], count: 3))
  }

  /// One kernel for all colors: what is weighed by alpha is another one at every pixel.
  @Test func findsSharpeningInColorWithAlpha() throws {
    try check(
      FilterStep(.sharpen, nil, FilterOptions(alpha: .straight)),
      [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], channels: 4)
  }

  @Test func findsKernelAndBiasInFloatSamples() throws {
    let kernel = try Kernel(rows: [[0.5, -1, 0.25], [0, 2, 0], [1, 0, -3]])
    try check(
      FilterStep(kernel: kernel, FilterOptions(bias: 0.125)), kernel.rows, sample: .float32,
      within: 1e-5)
    let before = picture(1, .float32)
    let after = try FilterChain([FilterStep(kernel: kernel, FilterOptions(bias: 0.125))])
      .apply(to: before)
    let learned = try Kernel.learned(from: before, to: after, size: 3)
    #expect(abs(learned.kernel.bias - 0.125) < 1e-5)
  }

  @Test func aLargerKernelThanNeededIsZeroOutside() throws {
    var expected = Array(repeating: [0.0, 0, 0, 0, 0], count: 5)
    expected[2][2] = 1
    try check(FilterStep(.identity), expected)
  }

  @Test func aPictureWithoutContentGivesFiniteNumbers() throws {
    let black = Image(layout: PixelLayout(width: 8, height: 8, channels: 1))
    let learned = try Kernel.learned(from: black, to: black, size: 3)
    #expect(learned.kernel.weights.allSatisfy { $0.isFinite })
    #expect(learned.error == 0)
  }

  @Test func picturesThatDoNotFitAreRefused() throws {
    let a = Image(layout: PixelLayout(width: 8, height: 8, channels: 1))
    let b = Image(layout: PixelLayout(width: 8, height: 9, channels: 1))
    #expect(throws: FilterError.self) { try Kernel.learned(from: a, to: b, size: 3) }
    #expect(throws: FilterError.self) { try Kernel.learned(from: a, to: a, size: 0) }
    #expect(throws: FilterError.self) { try Kernel.learned(from: a, to: a, size: 9) }
  }
}
