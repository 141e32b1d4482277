import Files
import Images
import Synchronization

/// White where a candidate of ``EdgeCandidates`` is connected, over sides or corners, with one that is
/// an edge for sure.
///
/// Runs of candidates are joined with the runs that they touch in the row above, by union–find.
struct HysteresisStep: RowStep {
  let input: PixelLayout
  let output: PixelLayout
  private var edges: CandidateRuns?

  /// - Parameter sample: the type of the samples that come out.
  init(_ input: PixelLayout, sample: SampleType) {
    self.input = input
    output = PixelLayout(width: input.width, height: input.height, channels: 1, sample: sample)
  }

  var needsWholeImage: Bool { true }
  func inputRows(for rows: Range<Int>) -> Range<Int> { 0..<input.height }

  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep {
    var step = self
    step.edges = .resolved(image, width: input.width, height: input.height, threads: threads)
    return step
  }

  func makeWorker() -> any RowWorker { Worker(output, edges) }

  private final class Worker: RowWorker {
    private let layout: PixelLayout
    private let edges: CandidateRuns?

    init(_ layout: PixelLayout, _ edges: CandidateRuns?) {
      self.layout = layout
      self.edges = edges
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      func write<Sample: BitwiseCopyable>(_ black: Sample, _ white: Sample) {
        let samples = output.assumingMemoryBound(to: Sample.self)
        samples.update(repeating: black, count: rows.count * layout.width)
        for row in rows {
          let place = samples + (row - rows.lowerBound) * layout.width
          edges?.forEachEdge(in: row) { run in
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

/// All runs of candidates, in sets of those that touch.
///
/// Unchecked: one thread makes it, another joins it with others when that is done; then it is only read.
private final class CandidateRuns: @unchecked Sendable {
  private struct Run {
    var start: Int32
    var end: Int32
    /// A run of the same set, nearer to the first, which stands for it; the first one itself.
    var parent: Int32
    /// Whether one of the set, of which this one stands for it, is an edge for sure.
    var isSure: Bool
  }

  /// Memory of `capacity` runs, of which `count` are written; no place beyond is read.
  private var runs = UnsafeMutablePointer<Run>.allocate(capacity: 1024)
  private var capacity = 1024
  private var count = 0
  /// Where the runs of each row begin, and where the last row's end.
  private var firstOfRow = [0]

  /// - Parameter rows: those of `codes` that are looked at.
  private init(_ codes: InputRows, _ rows: Range<Int>, width: Int) {
    for row in rows {
      if !codes.isCancelled { append(codes.samples(row, as: UInt8.self), width) }
      firstOfRow.append(count)
      if row > rows.lowerBound { joinLastRow() }
    }
  }

  deinit { runs.deallocate() }

  /// The runs of all rows, each with what its set is: every thread finds those of some rows, which then are joined
  /// where these meet.
  static func resolved(
    _ codes: InputRows, width: Int, height: Int, threads: Int
  ) -> CandidateRuns {
    let bands = max(1, min(threads, height))
    let parts = Mutex([CandidateRuns?](repeating: nil, count: bands))
    parallelLoop(bands, threads: bands) { next in
      while let band = next() {
        let rows = height * band / bands..<height * (band + 1) / bands
        let part = CandidateRuns(codes, rows, width: width)
        parts.withLock { $0[band] = part }
      }
    }
    let found = parts.withLock { $0.compactMap(\.self) }
    for part in found.dropFirst() { found[0].append(part) }
    found[0].resolve()
    return found[0]
  }

  /// Appends the runs of the rows below.
  private func append(_ below: CandidateRuns) {
    reserve(count + below.count)
    let offset = Int32(truncatingIfNeeded: count)
    for run in 0..<below.count {
      var moved = below.runs[run]
      moved.parent &+= offset
      (runs + count + run).initialize(to: moved)
    }
    let rows = firstOfRow.count - 1
    firstOfRow += below.firstOfRow.dropFirst().map { $0 + count }
    count += below.count
    join(firstOfRow[rows - 1]..<firstOfRow[rows], firstOfRow[rows]..<firstOfRow[rows + 1])
  }

  /// Tells every run what its set is.
  private func resolve() {
    let runs = runs
    // A parent comes before its run, so that it is resolved already.
    for run in 0..<count {
      let first = Int(runs[Int(runs[run].parent)].parent)
      runs[run].parent = Int32(truncatingIfNeeded: first)
      runs[run].isSure = runs[first].isSure
    }
  }

  /// Calls `body` with the columns of a row's runs that are edges, once all are resolved.
  func forEachEdge(in row: Int, _ body: (Range<Int>) -> Void) {
    for run in firstOfRow[row]..<firstOfRow[row + 1] where runs[run].isSure {
      body(Int(runs[run].start)..<Int(runs[run].end))
    }
  }

  private func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    capacity = max(wanted, 2 * capacity)
    let larger = UnsafeMutablePointer<Run>.allocate(capacity: capacity)
    larger.moveInitialize(from: runs, count: count)
    runs.deallocate()
    runs = larger
  }

  private func append(_ start: Int, _ end: Int, isSure: Bool) {
    reserve(count + 1)
    (runs + count).initialize(
      to: Run(
        start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
        parent: Int32(truncatingIfNeeded: count), isSure: isSure))
    count += 1
  }

  /// Appends the runs of a row of codes.
  private func append(_ codes: UnsafePointer<UInt8>, _ width: Int) {
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

  /// Joins the runs of the last row, each still a set of its own, with those that they touch in the row above.
  private func joinLastRow() {
    let (runs, rows) = (runs, firstOfRow.count - 1)
    var above = firstOfRow[rows - 2]
    let end = firstOfRow[rows - 1]
    for run in end..<count {
      let (start, stop) = (runs[run].start, runs[run].end)
      // Corners touch, too: the run above may end where this one starts.
      while above < end, runs[above].end < start { above &+= 1 }
      guard above < end, runs[above].start <= stop else { continue }
      var first = root(of: above)
      var touching = above &+ 1
      while touching < end, runs[touching].start <= stop {
        first = join(first, root(of: touching))
        touching &+= 1
      }
      runs[run].parent = Int32(truncatingIfNeeded: first)
      if runs[run].isSure { runs[first].isSure = true }
    }
  }

  /// Joins the sets of runs that touch in two rows.
  private func join(_ upper: Range<Int>, _ lower: Range<Int>) {
    var above = upper.lowerBound
    for run in lower {
      while above < upper.upperBound, runs[above].end < runs[run].start { above += 1 }
      var touching = above
      while touching < upper.upperBound, runs[touching].start <= runs[run].end {
        _ = join(root(of: touching), root(of: run))
        touching += 1
      }
    }
  }

  /// Makes one set of two, each given by its first run, and returns the first of both.
  private func join(_ a: Int, _ b: Int) -> Int {
    if a == b { return a }
    let (first, other) = (min(a, b), max(a, b))
    runs[other].parent = Int32(truncatingIfNeeded: first)
    if runs[other].isSure { runs[first].isSure = true }
    return first
  }

  /// The first run of a set; on the way every other one is taken nearer to it.
  private func root(of run: Int) -> Int {
    let runs = runs
    var run = run
    while Int(runs[run].parent) != run {
      runs[run].parent = runs[Int(runs[run].parent)].parent
      run = Int(runs[run].parent)
    }
    return run
  }
}
