import Filters
import Images
import Testing

@Suite struct ChainTests {
  private static let layout = PixelLayout(width: 61, height: 150, channels: 3)

  private func steps() throws -> [FilterStep] {
    [
      try FilterStep(.gaussian, "1.4"), try FilterStep(.sobel),
      try FilterStep(.box, "15", FilterOptions(border: .wrap)),
      try FilterStep(.sharpen, nil, FilterOptions(range: .normalized)),
      try FilterStep(.maxPool, "2"),
    ]
  }

  @Test func aChainEqualsItsStepsOneByOne() throws {
    let image = Image.random(Self.layout, seed: 3)
    let whole = try FilterChain(steps()).apply(to: image)
    let single = try steps().reduce(image) { try FilterChain([$1]).apply(to: $0) }
    #expect(whole.bytes == single.bytes)
  }

  @Test(arguments: [1, 2, 33, 64, 1000])
  func aStreamEqualsTheWholeImage(_ rowsAtATime: Int) throws {
    let image = Image.random(Self.layout, seed: 4)
    let chain = try FilterChain(steps())
    let stream = try chain.source(over: ImageSource(image))
    #expect(try collect(stream, rowsAtATime: rowsAtATime).bytes == chain.apply(to: image).bytes)
  }

  @Test func readingAheadChangesNothing() throws {
    let image = Image.random(Self.layout, seed: 5)
    let chain = FilterChain([try FilterStep(.sobel)])
    let ahead = ReadAheadSource(
      try chain.source(over: ReadAheadSource(ImageSource(image), rows: 8)), rows: 5, strips: 2)
    #expect(try collect(ahead).bytes == chain.apply(to: image).bytes)
  }

  /// What is read ahead depends on bytes, not on rows.
  @Test func readingAheadTakesNoMoreThanItMust() throws {
    func bytes(_ width: Int, _ height: Int) -> Int {
      let layout = PixelLayout(width: width, height: height, channels: 4)
      let size = StripSize(layout, rows: 32, strips: 3)
      return size.strips * size.stripBytes
    }
    #expect(bytes(100, 1000) == 3 * 32 * 400)
    #expect(bytes(100, 10) == 10 * 400)
    #expect(bytes(100_000, 1000) == 3 * 2 * 400_000)
    #expect(bytes(33_000_000, 1) == 132_000_000)
    #expect(bytes(33_000_000, 3) == 132_000_000)
    // One strip serves, too.
    var wide = Image(layout: PixelLayout(width: 5_000_000, height: 3, channels: 1))
    wide.withUnsafeMutableBytes { bytes in
      for row in 1...3 { bytes[row * 5_000_000 - 1] = UInt8(row) }
    }
    #expect(try collect(ReadAheadSource(ImageSource(wide))).bytes == wide.bytes)
  }

  @Test func aReaderThatStopsEarlyEndsTheThread() throws {
    let ahead = ReadAheadSource(ImageSource(.random(Self.layout, seed: 6)), rows: 1, strips: 2)
    var row = [UInt8](repeating: 0, count: Self.layout.bytesPerRow)
    #expect(
      try row.withUnsafeMutableBytes { try ahead.read(1, into: #require($0.baseAddress)) } == 1)
  }

  /// A source that ends, or fails, after some rows.
  private final class Broken: RowSource {
    let layout = ChainTests.layout
    let metadata = Metadata()
    private var left = 40
    private let error: ImageError?
    init(_ error: ImageError?) { self.error = error }

    func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
      let now = min(count, left)
      left -= now
      if now == 0, let error { throw error }
      return now
    }
  }

  @Test func errorsComeThrough() throws {
    let chain = FilterChain([try FilterStep(.sobel)])
    #expect(throws: ImageError.corrupt("x")) {
      try collect(chain.source(over: ReadAheadSource(Broken(.corrupt("x")))))
    }
    #expect(throws: ImageError.self) { try collect(chain.source(over: Broken(nil))) }
  }

  @Test func aWindowMuchLargerThanTheImage() throws {
    let layouts = [SampleType.uint8, .uint16, .float32].flatMap { sample in
      [(1, 1), (5, 1), (3, 4), (4, 12)].map { width, height in
        PixelLayout(width: width, height: height, channels: 1, sample: sample)
      }
    }
    let borders: [Border] = [.reflect101, .replicate, .reflect, .wrap, .constant(0.5)]
    for (layout, border) in layouts.flatMap({ layout in borders.map { (layout, $0) } }) {
      let image = Image.random(layout, seed: 8)
      for (filter, argument, stride) in [
        (Filter.box, "95", 1), (.box, "24", 1), (.box, "11", 2), (.gaussian, "1.5", 1),
        (.gaussian, "9", 1), (.gaussian, "9", 2),
      ] {
        let options = FilterOptions(border: border, stride: stride)
        let step = try FilterStep(filter, argument, options)
        let expected = SlowReference(operation: step.operation, options: step.options)
          .apply(to: image)
        let actual = try FilterChain([step]).apply(to: image)
        // Whole samples may differ by one that stood between two.
        let tolerance = layout.sample == .float32 ? 1e-5 : 1
        let differences = zip(actual.samples, expected.samples).map { abs($0 - $1) }
        #expect(differences.allSatisfy { $0 <= tolerance }, "\(layout) \(border) \(argument)")
      }
    }
  }

  /// To extend the image by such a window would take minutes and gigabytes.
  @Test func theLargestWindowsCostWhatTheImageCosts() throws {
    let image = Image.random(
      PixelLayout(width: 9, height: 7, channels: 4, sample: .float32), seed: 9)
    let largest = FilterChain([
      try FilterStep(.box, "\(Operation.largestWindow)"),
      try FilterStep(.gaussian, "\(Operation.largestSigma)"),
    ])
    #expect(try largest.apply(to: image).layout == image.layout)
  }
}
