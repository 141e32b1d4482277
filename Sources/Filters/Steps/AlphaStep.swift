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
  /// Results of small windows over bytes, where there are such.
  let bytes: WeighedBytes?
  /// The finish once that is known.
  private(set) var stretched: Finish?

  /// - Parameter kernels: what the rule sums by, where that is one kernel or two.
  init(
    _ straight: any RowStep, _ rule: AlphaRule, kernels: [Kernel] = [], _ geometry: WindowGeometry,
    _ loops: LoopTable, _ finish: Finish, normalizes: Bool
  ) {
    self.straight = straight
    self.rule = rule
    self.geometry = geometry
    self.loops = loops
    self.normalizes = normalizes
    var finish = finish
    // Sums of color times alpha are whole, too, and their quotients as near to a tie as alpha allows.
    finish.nudge /= geometry.input.sample.white
    self.finish = finish
    bytes = normalizes ? nil : WeighedBytes(rule, kernels, geometry, finish, loops)
  }

  var input: PixelLayout { straight.input }
  var output: PixelLayout { straight.output }
  var needsWholeImage: Bool { straight.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { straight.inputRows(for: rows) }
  func makeWorker() -> any RowWorker { AlphaWorker(self) }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    guard normalizes else { return self }
    var (low, high) = (Double.infinity, -Double.infinity)
    let window = WeighedWindow(self)
    for row in selection.rows(of: output) where !image.isCancelled {
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
  private let bytes: WeighedBytesWorker?
  private let opaque: OpaqueTiles
  private let finish: Finish
  private let alphaFinish: Finish
  /// Alphas of a tile's row, as samples.
  private let alphaRow: Scratch<UInt8>

  /// Whether the strip before had nothing for the step without alpha.
  private var wasTranslucent = false

  private static let stripHeight = 32

  init(_ step: AlphaStep) {
    self.step = step
    // What was stretched belongs to the whole image, opaque or not.
    straight = step.stretched == nil ? step.straight.makeWorker() : nil
    finish = step.stretched ?? step.finish
    window = WeighedWindow(step)
    bytes = step.bytes.map { WeighedBytesWorker($0) }
    opaque = OpaqueTiles(step.input, step.loops.weighed)
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
    // What the step without alpha has read is near when it is asked whether it is opaque.
    if !wasTranslucent { straight?.compute(strip, from: input, into: output) }
    opaque.look(at: step.geometry.inputRows(for: strip), of: input)
    let isWeighed = { self.straight == nil || !self.opaque.isOpaque($0) }
    let runs = bytes?.runs(where: isWeighed)
    let weighed = runs == nil ? window.tiles.indices.filter { isWeighed(window.sources[$0]) } : []
    let isTranslucent =
      runs.map { $0 == [0..<step.output.width] } ?? (weighed.count == window.tiles.count)
    if wasTranslucent, !isTranslucent { straight?.compute(strip, from: input, into: output) }
    wasTranslucent = isTranslucent
    for run in runs ?? [] { bytes?.compute(strip, run, from: input, into: output) }
    for tile in weighed {
      for row in strip {
        let place = output + (row - strip.lowerBound) * step.output.bytesPerRow
        window.compute(row, tile: tile, strip: strip, from: input)
        store(row, window.tiles[tile], from: input, into: place)
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
