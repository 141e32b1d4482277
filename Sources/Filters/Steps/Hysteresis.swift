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

  init(_ codes: InputRows, width: Int, height: Int) {
    let candidates = CandidateRuns()
    var first: [Int] = [0]
    for row in 0..<height {
      candidates.append(codes.samples(row, as: UInt8.self), width)
      if row > 0 { candidates.joinLast(above: first[row - 1]..<first[row]) }
      first.append(candidates.count)
    }
    for row in 0..<height {
      for run in first[row]..<first[row + 1] where candidates.isEdge(run) {
        runs.append(candidates.columns(of: run))
      }
      firstOfRow.append(runs.count)
    }
  }

  func forEachRun(in row: Int, _ body: (Range<Int>) -> Void) {
    for run in runs[firstOfRow[row]..<firstOfRow[row + 1]] { body(Int(run.start)..<Int(run.end)) }
  }
}

/// All runs of candidates, in sets of those that touch.
private final class CandidateRuns {
  private struct Run {
    var start: Int32
    var end: Int32
    /// A run of the same set, nearer to the one that stands for it; that one itself.
    var parent: Int32
    /// Whether one of the set, of which this one stands for it, is an edge for sure.
    var isSure: Bool
  }

  /// Memory of `capacity` runs, of which `count` are written; no place beyond is read.
  private var runs = UnsafeMutablePointer<Run>.allocate(capacity: 1024)
  private var capacity = 1024
  private(set) var count = 0

  deinit { runs.deallocate() }

  func columns(of run: Int) -> (start: Int32, end: Int32) { (runs[run].start, runs[run].end) }
  func isEdge(_ run: Int) -> Bool { runs[root(of: run)].isSure }

  private func append(_ start: Int, _ end: Int, isSure: Bool) {
    if count == capacity {
      let larger = UnsafeMutablePointer<Run>.allocate(capacity: 2 * capacity)
      larger.moveInitialize(from: runs, count: count)
      runs.deallocate()
      (runs, capacity) = (larger, 2 * capacity)
    }
    (runs + count).initialize(
      to: Run(
        start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
        parent: Int32(truncatingIfNeeded: count), isSure: isSure))
    count += 1
  }

  /// Appends the runs of a row of codes.
  func append(_ codes: UnsafePointer<UInt8>, _ width: Int) {
    // A run that reaches the end of its 64 codes goes on in the next ones.
    var open: (start: Int, isSure: Bool)?
    for base in stride(from: 0, to: width, by: 64) {
      let masks = Self.masks(of: codes + base, min(64, width - base))
      var found = masks.found
      let sure = masks.sure
      if let run = open {
        let length = (~found).trailingZeroBitCount
        let isSure = run.isSure || sure & ~(~0 << length) != 0
        if length == 64 {
          open = (run.start, isSure)
          continue
        }
        append(run.start, base + length, isSure: isSure)
        open = nil
        found &= ~0 << length
      }
      while found != 0 {
        let start = found.trailingZeroBitCount
        let length = (~(found >> start)).trailingZeroBitCount
        let bits: UInt64 = ~(~0 << length) << start
        if start + length >= 64 {
          open = (base + start, sure & bits != 0)
          break
        }
        append(base + start, base + start + length, isSure: sure & bits != 0)
        found &= ~bits
      }
    }
    if let open { append(open.start, width, isSure: open.isSure) }
  }

  /// A bit for each of up to 64 codes that is not 0, and for each that is 2.
  @inline(__always)
  private static func masks(
    of codes: UnsafePointer<UInt8>, _ count: Int
  ) -> (found: UInt64, sure: UInt64) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var (found, sure): (UInt64, UInt64) = (0, 0)
    var x = 0
    while x &+ 8 <= count {
      let word = UnsafeRawPointer(codes + x).loadUnaligned(as: UInt64.self)
      if word != 0 {
        // The product gathers the lowest bits of eight bytes in its highest byte.
        let twos = word &>> 1 & ones
        let gather: UInt64 = 0x0102_0408_1020_4080
        found |= (((word & ones | twos) &* gather) &>> 56) &<< UInt64(x)
        sure |= ((twos &* gather) &>> 56) &<< UInt64(x)
      }
      x &+= 8
    }
    while x < count {
      if codes[x] != 0 { found |= 1 &<< UInt64(x) }
      if codes[x] == 2 { sure |= 1 &<< UInt64(x) }
      x &+= 1
    }
    return (found, sure)
  }

  /// Joins the runs behind those of the row above with the ones that they touch there.
  func joinLast(above rows: Range<Int>) {
    var above = rows.lowerBound
    for run in rows.upperBound..<count {
      // Corners touch, too: the run above may end where this one starts.
      while above < rows.upperBound, runs[above].end < runs[run].start { above += 1 }
      var touching = above
      while touching < rows.upperBound, runs[touching].start <= runs[run].end {
        let (a, b) = (root(of: touching), root(of: run))
        if a != b {
          runs[b].parent = Int32(truncatingIfNeeded: a)
          runs[a].isSure = runs[a].isSure || runs[b].isSure
        }
        touching += 1
      }
    }
  }

  /// The run that stands for all that are joined; on the way every other one is taken nearer to it.
  private func root(of run: Int) -> Int {
    var run = run
    while Int(runs[run].parent) != run {
      runs[run].parent = runs[Int(runs[run].parent)].parent
      run = Int(runs[run].parent)
    }
    return run
  }
}
