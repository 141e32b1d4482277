import Files
import Filters
import Images
import Testing

/// Work that nobody waits for any more, and images that are too large to begin with.
@Suite struct CancellationTests {
  /// Steps that stream, and such as look at the whole image first.
  private static let steps: [[FilterStep]] = {
    func step(
      _ filter: Filter, _ argument: String? = nil, _ options: FilterOptions = .init()
    ) -> FilterStep? { try? FilterStep(filter, argument, options) }
    let all: [[FilterStep?]] = [
      [step(.gaussian, "3")], [step(.gaussian, "20")], [step(.median, "9")],
      [step(.box, "15", FilterOptions(border: .wrap))], [step(.canny, "20,60")],
      [step(.sharpen, nil, FilterOptions(range: .normalized))], [step(.equalize)],
      [step(.gaussian, "2", FilterOptions(linear: true))], [step(.rotate, "30")],
      [step(.open), step(.sobel), step(.threshold, "otsu")], [step(.resize, "50%")],
      [step(.bilateral, "5,20,3")], [step(.log, "2")],
    ]
    return all.map { $0.compactMap { $0 } }
  }()

  /// Rows, of which the last one that is read makes all of it useless.
  private final class AbandonedRows: RowSource {
    private let image: Image
    private let cancellation: Cancellation
    private var next = 0

    init(_ image: Image, _ cancellation: Cancellation) {
      (self.image, self.cancellation) = (image, cancellation)
    }

    var layout: PixelLayout { image.layout }
    var metadata: Metadata { image.metadata }

    func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
      let taken = min(count, layout.height - next)
      image.withUnsafeBytes { bytes in
        rows.copyMemory(
          from: bytes.baseAddress! + next * layout.bytesPerRow,
          byteCount: taken * layout.bytesPerRow)
      }
      next += taken
      if next == layout.height { cancellation.cancel() }
      return taken
    }
  }

  @Test(arguments: [3, 4], [SampleType.uint8, .uint16])
  func aCancellationChangesNothingAsLongAsSomebodyWaits(
    channels: Int, sample: SampleType
  ) throws {
    let layout = PixelLayout(width: 61, height: 150, channels: channels, sample: sample)
    let image = Image.random(layout, seed: 7)
    for steps in Self.steps {
      let chain = FilterChain(steps)
      let stream = try chain.source(over: ImageSource(image), cancellation: Cancellation())
      #expect(
        try collect(stream, rowsAtATime: 1000).bytes == chain.apply(to: image).bytes,
        "\(steps.map(\.name))")
    }
  }

  @Test func workIsGivenUp() throws {
    let image = Image.random(PixelLayout(width: 61, height: 150, channels: 3), seed: 8)
    for steps in Self.steps {
      let cancellation = Cancellation()
      #expect(throws: ImageError.cancelled, "\(steps.map(\.name))") {
        let stream = try FilterChain(steps).source(
          over: AbandonedRows(image, cancellation), cancellation: cancellation)
        _ = try Image(reading: stream)
      }
    }
  }

  /// A narrow image of very many rows gets 100 times as many: that is told before a table of them is made.
  @Test(arguments: ["100x", "10000%"]) func whatIsTooLargeIsToldFirst(size: String) throws {
    let layout = PixelLayout(width: 1, height: 30_000_000, channels: 3)
    let chain = FilterChain([
      try FilterStep(.resize, size), try FilterStep(.resize, size), try FilterStep(.rotate, "30"),
    ])
    #expect(throws: FilterError.self) { try chain.heldBytes(for: layout, limits: .standard) }
    #expect(throws: FilterError.self) {
      try chain.source(over: EndlessRows(layout: layout), limits: .standard)
    }
  }

  /// Rows that nobody reads.
  private final class EndlessRows: RowSource {
    let layout: PixelLayout
    let metadata = Metadata()

    init(layout: PixelLayout) { self.layout = layout }

    func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int { 0 }
  }
}
