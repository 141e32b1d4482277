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
    for size in [1, 2, 5] {
      let image = Image.random(PixelLayout(width: size, height: 1, channels: 1), seed: 8)
      for step in [
        try FilterStep(.box, "301"), try FilterStep(.gaussian, "60"),
        try FilterStep(.box, "301", FilterOptions(border: .wrap)),
      ] {
        let expected = SlowReference(operation: step.operation, options: step.options)
          .apply(to: image)
        let actual = try FilterChain([step]).apply(to: image)
        #expect(zip(actual.samples, expected.samples).allSatisfy { abs($0 - $1) <= 1 })
      }
    }
  }
}
