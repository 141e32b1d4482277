import Images
import LoopInterface

/// A window's step over an image with alpha: what is invisible adds no color.
///
/// Colors are multiplied by alpha, all channels filtered, and the colors divided by the filtered
/// alpha. Differences (gradients, kernels whose weights sum to 0) leave alpha as it is and take what is
/// invisible to have the color of the window's center, so that they see no edge there. Where a
/// window's pixels are all opaque, that comes to the step without alpha, which is taken there.
struct AlphaStep: RowStep {
  let straight: any RowStep
  let geometry: WindowGeometry
  let loops: LoopTable
  let rule: AlphaRule
  let finish: Finish
  /// Whether results are to be stretched to the full range.
  let normalizes: Bool
  /// The finish once that is known.
  private(set) var stretched: Finish?

  init(
    _ straight: any RowStep, _ rule: AlphaRule, _ geometry: WindowGeometry, _ loops: LoopTable,
    _ finish: Finish, normalizes: Bool
  ) {
    self.straight = straight
    self.rule = rule
    self.geometry = geometry
    self.loops = loops
    self.finish = finish
    self.normalizes = normalizes
  }

  var input: PixelLayout { straight.input }
  var output: PixelLayout { straight.output }
  var needsWholeImage: Bool { straight.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { straight.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { AlphaWorker(self) }

  func adapted(to image: InputRows, in selection: Selection) -> any RowStep {
    guard normalizes else { return self }
    var (low, high) = (Double.infinity, -Double.infinity)
    let window = WeighedWindow(self)
    for row in selection.rows(of: output) {
      window.forEachTile(in: row..<row + 1, from: image) { columns, results, alpha in
        selection.forEachRun(in: row, of: output) { run in
          let run = run.clamped(to: columns)
          for x in run where alpha[x - columns.lowerBound] > 0 {
            for channel in 0..<output.colorChannels {
              let result = results[(x - columns.lowerBound) * output.channels + channel]
              let value = max(result * finish.scale + finish.bias, finish.floor)
              if value.isFinite { (low, high) = (min(low, value), max(high, value)) }
            }
          }
        }
      }
    }
    var step = self
    var stretched = finish
    stretched.offset = low <= high ? low : 0
    stretched.gain = high > low ? output.sample.white / (high - low) : 0
    step.stretched = stretched
    return step
  }
}

private final class AlphaWorker: RowWorker {
  private let step: AlphaStep
  private let straight: (any RowWorker)?
  private let window: WeighedWindow
  private let opaque: OpaqueTiles
  private let finish: Finish
  private let alphaFinish: Finish
  /// Alphas of a tile's row, as samples.
  private let alphaRow: Scratch<UInt8>

  private static let stripHeight = 32

  init(_ step: AlphaStep) {
    self.step = step
    // What was stretched belongs to the whole image, opaque or not.
    straight = step.stretched == nil ? step.straight.makeWorker() : nil
    finish = step.stretched ?? step.finish
    window = WeighedWindow(step)
    opaque = OpaqueTiles(step.input)
    var alphaFinish = Finish()
    alphaFinish.upper = step.output.sample.white
    self.alphaFinish = alphaFinish
    alphaRow = Scratch(window.alpha.count * step.output.sample.byteCount, filledWith: 0)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let strip = row..<min(rows.upperBound, row + Self.stripHeight)
      compute(
        strip: strip, from: input,
        into: output + (row - rows.lowerBound) * step.output.bytesPerRow)
      row = strip.upperBound
    }
  }

  private func compute(
    strip: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer
  ) {
    let under = step.geometry.inputRows(for: strip)
    opaque.look(at: under, of: input)
    let tiles = window.tiles
    var weighed: [Int] = Array(tiles.indices)
    if straight != nil {
      weighed = tiles.indices.filter { !opaque.isOpaque(window.sources[$0]) }
    }
    if weighed.count < tiles.count { straight?.compute(strip, from: input, into: output) }
    for tile in weighed {
      for row in strip {
        let place = output + (row - strip.lowerBound) * step.output.bytesPerRow
        window.compute(row, tile: tile, strip: strip, from: input)
        store(row, tiles[tile], from: input, into: place)
      }
    }
  }

  /// Finishes a tile's results and puts them and the alpha into the output's row.
  private func store(
    _ row: Int, _ columns: Range<Int>, from input: InputRows, into place: UnsafeMutableRawPointer
  ) {
    let (channels, samples) = (step.output.channels, step.loops.samples)
    let count = columns.count * channels
    let start = columns.lowerBound * channels
    let results = UnsafePointer(window.results.start)
    switch step.output.sample {
    case .uint8:
      let samplesPlace = place.assumingMemoryBound(to: UInt8.self) + start
      samples.finishUInt8(results, count, finish, samplesPlace)
      putAlpha(row, columns, input, samplesPlace, samples.finishUInt8)
    case .uint16:
      let samplesPlace = place.assumingMemoryBound(to: UInt16.self) + start
      samples.finishUInt16(results, count, finish, samplesPlace)
      putAlpha(row, columns, input, samplesPlace, samples.finishUInt16)
    case .float32:
      let samplesPlace = place.assumingMemoryBound(to: Float.self) + start
      samples.finishFloat(results, count, finish, samplesPlace)
      putAlpha(row, columns, input, samplesPlace, samples.finishFloat)
    }
  }

  @inline(__always)
  private func putAlpha<Sample: BitwiseCopyable>(
    _ row: Int, _ columns: Range<Int>, _ input: InputRows, _ place: UnsafeMutablePointer<Sample>,
    _ finishAlpha: SampleLoops.FinishRow<Sample>
  ) {
    let channels = step.output.channels
    if case .difference = step.rule {
      let geometry = step.geometry
      let from = input.samples(geometry.rows.center(of: row), as: Sample.self)
      for (index, x) in columns.enumerated() {
        place[index * channels + channels - 1] =
          from[geometry.columns.center(of: x) * channels + channels - 1]
      }
      return
    }
    let alphas = UnsafeMutableRawPointer(alphaRow.start).assumingMemoryBound(to: Sample.self)
    finishAlpha(UnsafePointer(window.alpha.start), columns.count, alphaFinish, alphas)
    for index in 0..<columns.count {
      place[index &* channels &+ channels &- 1] = alphas[index]
    }
  }
}
