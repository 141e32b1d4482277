import Files
import Images

/// The rows of an image that a network makes of another, computed tile by tile as they are read: a band of
/// tiles is in memory at a time.
public final class TiledSource: RowSource {
  public let layout: PixelLayout
  private let upstream: any RowSource
  private let network: TiledNetwork
  private let filter: any TileFilter
  private let threads: Int
  private let side: Int
  /// Is told of the tiles that are done, and of how many there are.
  private let progress: @Sendable (Int, Int) throws(InferenceError) -> Void
  /// Input rows from `firstRow` on.
  private let input: UnsafeMutableRawPointer
  private var firstRow = 0
  private var rowCount = 0
  /// The results of the band that begins at the input's row `bandTop`.
  private let band: UnsafeMutableRawPointer
  private var bandTop = 0
  private var isBandReady = false
  /// Output rows that were read.
  private var done = 0

  /// - Parameters:
  ///   - upstream: where the image comes from; nobody else may use it from now on.
  ///   - threads: how many tiles are computed at a time.
  ///   - progress: is told of the tiles that are done, and of how many there are, on several threads. Where it
  ///     throws, no further tiles are computed.
  public init(
    _ filter: some TileFilter, through network: TiledNetwork, over upstream: any RowSource,
    threads: Int,
    progress: @escaping @Sendable (Int, Int) throws(InferenceError) -> Void = { _, _ in }
  ) throws(ImageError) {
    self.upstream = upstream
    self.network = network
    self.filter = filter
    self.threads = max(1, threads)
    self.progress = progress
    layout = filter.output(of: upstream.layout)
    let source = upstream.layout
    side = network.side(width: source.width, height: source.height)
    let memory = Self.memory(of: filter, through: network, source)
    guard let input = Self.allocate(memory.input), let band = Self.allocate(memory.band) else {
      throw .tooLarge("a band of tiles takes \(memory.input + memory.band) bytes")
    }
    (self.input, self.band) = (input, band)
  }

  deinit {
    input.deallocate()
    band.deallocate()
  }

  /// Bytes of the input's and of the result's rows that are held at a time.
  public static func memory(
    of filter: some TileFilter, through network: TiledNetwork, _ source: PixelLayout
  ) -> (input: Int, band: Int) {
    let side = network.side(width: source.width, height: source.height)
    return (
      min(source.height, side + 2 * network.margin) * source.bytesPerRow,
      network.scale * min(source.height, side) * filter.output(of: source).bytesPerRow
    )
  }

  /// Where memory is short, nil.
  private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    byteCount < 1 << 40 ? .allocate(byteCount: max(byteCount, 1), alignment: 64) : nil
  }

  public var metadata: Metadata { filter.metadata(upstream.metadata) }

  public func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    let (scale, bytesPerRow) = (network.scale, layout.bytesPerRow)
    var copied = 0
    while copied < count, done < layout.height {
      if !isBandReady {
        try computeBand()
        isBandReady = true
      }
      let bandRows = scale * min(side, upstream.layout.height - bandTop)
      let first = done - scale * bandTop
      let taken = min(count - copied, bandRows - first)
      (rows + copied * bytesPerRow).copyMemory(
        from: band + first * bytesPerRow, byteCount: taken * bytesPerRow)
      copied += taken
      done += taken
      if first + taken == bandRows {
        bandTop += side
        isBandReady = false
      }
    }
    return copied
  }

  /// Brings the input's rows around the band into memory; earlier ones are not needed any more.
  private func fetch() throws(ImageError) {
    let source = upstream.layout
    let needed =
      max(
        0, bandTop - network.margin)..<min(
        source.height, bandTop + side + network.margin)
    let kept = max(0, firstRow + rowCount - needed.lowerBound)
    if needed.lowerBound > firstRow, kept > 0 {
      // Both lie within the buffer, which holds all rows of `needed`.
      memmoveRows(from: needed.lowerBound - firstRow, count: kept, source.bytesPerRow)
    }
    (firstRow, rowCount) = (needed.lowerBound, kept)
    while rowCount < needed.count {
      let count = try upstream.read(
        needed.count - rowCount, into: input + rowCount * source.bytesPerRow)
      guard count > 0 else { throw .truncated("rows are missing") }
      rowCount += count
    }
  }

  private func memmoveRows(from row: Int, count: Int, _ bytesPerRow: Int) {
    let bytes = input.assumingMemoryBound(to: UInt8.self)
    bytes.update(from: bytes + row * bytesPerRow, count: count * bytesPerRow)
  }

  private func computeBand() throws(ImageError) {
    try fetch()
    let columns = (upstream.layout.width + side - 1) / side
    let work = BandWork(
      source: upstream.layout, result: layout, input: input, firstRow: firstRow, band: band,
      bandTop: bandTop, side: side, network: network, filter: filter)
    let before = bandTop / side * columns
    let total = columns * ((upstream.layout.height + side - 1) / side)
    let outcome = ParallelOutcome()
    parallelLoop(columns, threads: min(threads, columns)) { [progress] next in
      while outcome.error == nil, let column = next() {
        do throws(InferenceError) {
          try work.compute(column: column)
          try progress(before + outcome.finishOne(), total)
        } catch { outcome.fail(error) }
      }
    }
    if let error = outcome.error { throw .invalidRequest("\(error)") }
  }
}

/// The tiles of a band, each of which one thread computes.
///
/// Unchecked: threads write to different columns of the band.
private final class BandWork: @unchecked Sendable {
  let source: PixelLayout
  let result: PixelLayout
  let input: UnsafeRawPointer
  let firstRow: Int
  let band: UnsafeMutableRawPointer
  let bandTop: Int
  let side: Int
  let network: TiledNetwork
  let filter: any TileFilter

  init(
    source: PixelLayout, result: PixelLayout, input: UnsafeRawPointer, firstRow: Int,
    band: UnsafeMutableRawPointer, bandTop: Int, side: Int, network: TiledNetwork,
    filter: any TileFilter
  ) {
    self.source = source
    self.result = result
    self.input = input
    self.firstRow = firstRow
    self.band = band
    self.bandTop = bandTop
    self.side = side
    self.network = network
    self.filter = filter
  }

  func compute(column: Int) throws(InferenceError) {
    let (left, margin, scale) = (column * side, network.margin, network.scale)
    let pixels = TileInput(
      layout: source, side: side + 2 * margin, margin: margin, left: left - margin,
      top: bandTop - margin,
      rows: input, firstRow: firstRow)
    let outputSide = scale * (side + 2 * margin)
    let target = TileOutput(
      layout: result, width: scale * min(side, source.width - left),
      height: scale * min(side, source.height - bandTop), side: outputSide,
      offset: scale * margin * (outputSide + 1),
      start: band + scale * left * result.channels * result.sample.byteCount)
    for pass in 0..<filter.passes(of: source) {
      try network.run(side: side, filter, pixels, target, pass)
    }
  }
}

extension TiledNetwork {
  /// Runs one pass of a tile, if it is needed.
  fileprivate func run(
    side: Int, _ filter: any TileFilter, _ pixels: TileInput, _ target: TileOutput, _ pass: Int
  ) throws(InferenceError) {
    let runner = try take(side: side)
    defer { giveBack(runner, side: side) }
    guard try runner.fill({ filter.fill($0, from: pixels, pass: pass) }) else {
      return filter.skip(pass, from: pixels, to: target)
    }
    try runner.run { filter.take($0, from: pixels, to: target, pass: pass) }
  }
}
