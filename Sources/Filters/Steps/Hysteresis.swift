import Images

/// White where a candidate of ``EdgeCandidates`` is connected, over sides or corners, with one that is
/// an edge for sure.
///
/// Runs of candidates are joined with the runs that they touch in the row above, by union–find.
struct HysteresisStep: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  private var edges: EdgeRuns?

  /// - Parameter sample: the type of the samples that come out.
  init(_ input: PixelLayout, sample: SampleType) {
    self.input = input
    output = PixelLayout(width: input.width, height: input.height, channels: 1, sample: sample)
  }

  var needsWholeImage: Bool { true }
  func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<input.height }

  func adapted(to image: InputRows, in selection: Selection) -> any RowStep {
    var step = self
    step.edges = EdgeRuns(image, width: input.width, height: input.height)
    return step
  }

  func makeWorker() -> any RowWorker { Worker(output, edges) }

  private final class Worker: RowWorker {
    private let layout: PixelLayout
    private let edges: EdgeRuns?

    init(_ layout: PixelLayout, _ edges: EdgeRuns?) {
      self.layout = layout
      self.edges = edges
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      func write<Sample: BitwiseCopyable>(_ black: Sample, _ white: Sample) {
        let samples = output.assumingMemoryBound(to: Sample.self)
        samples.update(repeating: black, count: rows.count * layout.width)
        for row in rows {
          let place = samples + (row - rows.lowerBound) * layout.width
          edges?.forEachRun(in: row) { run in
            (place + run.lowerBound).update(repeating: white, count: run.count)
          }
        }
      }
      switch layout.sample {
      case .uint8: write(0 as UInt8, 255)
      case .uint16: write(0 as UInt16, 65_535)
      case .float32: write(0 as Float, 1)
      }
    }
  }
}

/// The runs of edges in all rows.
private struct EdgeRuns: Sendable {
  /// First column and the column behind the last one.
  private var runs: [(start: Int32, end: Int32)] = []
  /// Where the runs of each row begin.
  private var firstOfRow: [Int] = [0]
  /// Whether a run belongs to an edge.
  private var isEdge: [Bool] = []

  init(_ codes: InputRows, width: Int, height: Int) {
    var parents: [Int32] = []
    var isSure: [Bool] = []
    for row in 0..<height {
      let row = codes.samples(row, as: UInt8.self)
      Self.forEachRun(row, width) { start, end, isStrong in
        runs.append((Int32(truncatingIfNeeded: start), Int32(truncatingIfNeeded: end)))
        parents.append(Int32(truncatingIfNeeded: parents.count))
        isSure.append(isStrong)
      }
      join(row: firstOfRow.count - 1, &parents, &isSure)
      firstOfRow.append(runs.count)
    }
    isEdge = (0..<runs.count).map { isSure[Self.root(of: $0, &parents)] }
  }

  func forEachRun(in row: Int, _ body: (Range<Int>) -> Void) {
    for run in firstOfRow[row]..<firstOfRow[row + 1] where isEdge[run] {
      body(Int(runs[run].start)..<Int(runs[run].end))
    }
  }

  /// Joins the runs of the newest row with those that they touch in the row above.
  private func join(row: Int, _ parents: inout [Int32], _ isSure: inout [Bool]) {
    guard row > 0 else { return }
    var above = firstOfRow[row - 1]
    let endAbove = firstOfRow[row]
    for run in endAbove..<runs.count {
      // Corners touch, too: the run above may end where this one starts.
      while above < endAbove, runs[above].end < runs[run].start { above += 1 }
      var touching = above
      while touching < endAbove, runs[touching].start <= runs[run].end {
        let (a, b) = (Self.root(of: touching, &parents), Self.root(of: run, &parents))
        if a != b {
          parents[b] = Int32(truncatingIfNeeded: a)
          isSure[a] = isSure[a] || isSure[b]
        }
        touching += 1
      }
    }
  }

  /// The run that stands for all that are joined; on the way every other one is taken nearer to it.
  private static func root(of run: Int, _ parents: inout [Int32]) -> Int {
    var run = run
    while Int(parents[run]) != run {
      parents[run] = parents[Int(parents[run])]
      run = Int(parents[run])
    }
    return run
  }

  /// Calls `body` with the runs of codes that are not 0, and whether a 2 is among them.
  private static func forEachRun(
    _ row: UnsafePointer<UInt8>, _ width: Int, _ body: (Int, Int, Bool) -> Void
  ) {
    var x = 0
    while x < width {
      // Most are 0: eight at a time.
      while x + 8 <= width, UnsafeRawPointer(row + x).loadUnaligned(as: UInt64.self) == 0 { x += 8 }
      while x < width, row[x] == 0 { x += 1 }
      guard x < width else { return }
      let start = x
      var codes: UInt8 = 0
      while x < width, row[x] != 0 {
        codes |= row[x]
        x += 1
      }
      body(start, x, codes & 2 != 0)
    }
  }
}
