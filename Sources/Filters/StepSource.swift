import Files
import Images

/// The rows of a step, computed as they are read from the rows of the step before.
final class StepSource: RowSource {
  let layout: PixelLayout
  private let upstream: any RowSource
  private var step: any RowStep
  private var worker: (any RowWorker)?
  /// Output rows that were read.
  private var done = 0
  /// Input rows in memory: from `first`, `held` of `capacity`.
  private var rows: Scratch<UInt8>?
  private var first = 0
  private var held = 0
  private var capacity = 0

  /// At most so many rows are computed before others are fetched.
  private let stripHeight: Int
  private let cancellation: Cancellation?
  /// Fewer than a strip where they take long, so that the work can be given up between them.
  private var rowsAtOnce: Int
  /// What the input rows of a strip may take.
  private static let stripBytes = 4 << 20
  /// Seconds that rows should take that are computed at once.
  private static let longest = 0.02

  /// - Parameter cancellation: looked at between some rows and the next.
  init(_ step: any RowStep, over upstream: any RowSource, _ cancellation: Cancellation? = nil) {
    self.step = step
    self.cancellation = cancellation
    self.upstream = upstream
    layout = step.output
    var rows = min(32, max(1, step.output.height))
    if !step.needsWholeImage {
      // In the middle, where no border is.
      let middle = (step.output.height - rows) / 2
      while rows > 1,
        step.inputRows(for: middle..<middle + rows).count * step.input.bytesPerRow
          > StepSource.stripBytes
      {
        rows /= 2
      }
    }
    stripHeight = rows
    rowsAtOnce = cancellation == nil ? rows : 1
  }

  /// The threshold that the step chose, once the first rows were read.
  var threshold: Double? { step.threshold }

  var metadata: Metadata { step.metadata(upstream.metadata) }

  func read(_ count: Int, into output: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    let end = min(layout.height, done + max(0, count))
    let start = done
    while done < end {
      let strip = done..<min(end, done + rowsAtOnce)
      let input = try fetch(step.inputRows(for: strip))
      let worker = try worker(for: input)
      let began = cancellation == nil ? 0 : MonotonicClock.seconds
      worker.compute(strip, from: input, into: output + (done - start) * layout.bytesPerRow)
      if let cancellation {
        try cancellation.checkImage()
        pace(MonotonicClock.seconds - began)
      }
      done = strip.upperBound
    }
    return end - start
  }

  /// Chooses how many rows are computed at once by what the last ones took.
  private func pace(_ seconds: Double) {
    if seconds > Self.longest {
      rowsAtOnce = max(1, rowsAtOnce / 2)
    } else if seconds < Self.longest / 4 {
      rowsAtOnce = min(stripHeight, 2 * rowsAtOnce)
    }
  }

  /// The step's worker, made when the first rows are there.
  private func worker(for input: InputRows) throws(ImageError) -> any RowWorker {
    if let worker { return worker }
    step = step.adapted(to: input, in: .everything, threads: 1)
    try cancellation?.checkImage()
    let worker = step.makeWorker()
    self.worker = worker
    return worker
  }

  /// Makes sure that these input rows are in memory; earlier ones are not needed any more.
  private func fetch(_ needed: Range<Int>) throws(ImageError) -> InputRows {
    let bytesPerRow = step.input.bytesPerRow
    let needed = step.needsWholeImage ? 0..<step.input.height : needed
    if rows == nil || needed.count > capacity {
      try grow(to: needed)
    }
    guard let rows else { throw .system("allocating rows", errno: 12) }
    if needed.upperBound > first + capacity {
      // Move what is still needed to the front.
      let kept = max(0, first + held - needed.lowerBound)
      let skipped = held - kept
      rows.start.update(from: rows.start + skipped * bytesPerRow, count: kept * bytesPerRow)
      first += skipped
      held = kept
      // Rows that nobody needs.
      while first < needed.lowerBound {
        first += try readRows(min(capacity, needed.lowerBound - first), into: rows.start)
      }
    }
    while first + held < needed.upperBound {
      held += try readRows(
        min(needed.upperBound - first - held, capacity - held),
        into: rows.start + held * bytesPerRow)
    }
    return InputRows(
      base: rows.start, first: first, bytesPerRow: bytesPerRow, cancellation: cancellation)
  }

  private func readRows(_ count: Int, into rows: UnsafeMutablePointer<UInt8>) throws(ImageError)
    -> Int
  {
    let got = try upstream.read(count, into: rows)
    if got <= 0 {
      throw .truncated("row \(first + held) of \(step.input.height) is missing")
    }
    return got
  }

  /// Makes room for so many rows and as many strips as spare copying.
  private func grow(to needed: Range<Int>) throws(ImageError) {
    let bytesPerRow = step.input.bytesPerRow
    let strip = step.inputRows(for: 0..<min(step.output.height, stripHeight)).count
    let larger = Scratch<UInt8>(
      min(step.input.height, needed.count + strip + stripHeight) * bytesPerRow,
      filledWith: 0)
    if let rows { larger.start.update(from: rows.start, count: held * bytesPerRow) }
    rows = larger
    capacity = larger.count / bytesPerRow
  }
}
