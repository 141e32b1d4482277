import Images
import LoopInterface

/// The smallest or largest sample under a structuring element; what lies outside the image does not
/// count. Alpha stays.
///
/// The extremes of a row's runs are found first, long ones from two shorter ones that overlap, each once
/// for all windows that the row lies under; then those of the element's runs are put together.
struct ExtremeStep: RowStep {
  /// Which of two samples counts.
  enum Kind { case smallest, largest }

  let input: PixelLayout
  let element: Element
  let kind: Kind
  let loops: ExtremeLoops
  /// Whether invisible pixels do not count either.
  var ignoresInvisible = false

  var output: PixelLayout { input }
  let needsWholeImage = false

  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let reach = element.rows
    let first = min(rows.lowerBound + reach.lowerBound, rows.lowerBound)
    let last = max(rows.upperBound + reach.upperBound, rows.upperBound)
    return max(0, first)..<min(input.height, last)
  }

  func makeWorker() -> any RowWorker {
    switch (input.sample, kind) {
    case (.uint8, .smallest): Worker<UInt8>(self, neutral: .max, loops.minimumUInt8)
    case (.uint8, .largest): Worker<UInt8>(self, neutral: .min, loops.maximumUInt8)
    case (.uint16, .smallest): Worker<UInt16>(self, neutral: .max, loops.minimumUInt16)
    case (.uint16, .largest): Worker<UInt16>(self, neutral: .min, loops.maximumUInt16)
    case (.float32, .smallest): Worker<Float>(self, neutral: .infinity, loops.minimumFloat)
    case (.float32, .largest): Worker<Float>(self, neutral: -.infinity, loops.maximumFloat)
    }
  }

  private final class Worker<
    Sample: BitwiseCopyable & Equatable & ExpressibleByIntegerLiteral
  >: RowWorker {
    private let step: ExtremeStep
    private let loop: ExtremeLoops.Rows<Sample>
    private let neutral: Sample
    /// Lengths of runs, and for each two runs that make it: the place of a shorter one, and how far
    /// the second stands behind the first; or the run itself, pixel by pixel.
    private let plan: [(length: Int, from: Int?)]
    private let planOfRun: [Int]
    /// An input row with what lies outside on both sides.
    private let padded: Scratch<Sample>
    private let before: Int
    private let count: Int
    /// Samples from one run's row to the next, so that each begins at a line of the cache.
    private let stride: Int
    /// The runs of the newest rows: row r at the place r modulo `held`.
    private let runs: Scratch<Sample>
    private let held: Int
    private var rowAt: [Int?]
    private let pointers: Scratch<UnsafePointer<Sample>>
    private let runPointers: Scratch<UnsafePointer<Sample>>

    /// Runs of up to so many pixels are found pixel by pixel.
    private static var shortLength: Int { 5 }

    init(_ step: ExtremeStep, neutral: Sample, _ loop: @escaping ExtremeLoops.Rows<Sample>) {
      self.step = step
      self.loop = loop
      self.neutral = neutral
      let element = step.element
      var lengths = Set(element.runs.map(\.length))
      for length in lengths {
        var length = length
        while length > Self.shortLength {
          length = (length + 1) / 2
          lengths.insert(length)
        }
      }
      let sorted = lengths.sorted()
      plan = sorted.map { length in
        (length, length > Self.shortLength ? sorted.firstIndex(of: (length + 1) / 2) : nil)
      }
      planOfRun = element.runs.map { sorted.firstIndex(of: $0.length) ?? 0 }
      let (channels, columns) = (step.input.channels, element.columns)
      let left = max(0, -columns.lowerBound)
      let right = max(0, columns.upperBound)
      before = left * channels
      count = (left + step.input.width + right) * channels
      stride = (count + 63) & ~63
      padded = Scratch(count, filledWith: neutral)
      held = min(
        step.input.height, element.rows.upperBound - element.rows.lowerBound + 1)
      rowAt = Array(repeating: nil, count: held)
      runs = Scratch(held * sorted.count * stride, filledWith: neutral)
      pointers = Scratch(element.runs.count, filledWith: UnsafePointer(padded.start))
      runPointers = Scratch(Self.shortLength, filledWith: UnsafePointer(padded.start))
    }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      let samplesPerRow = step.output.samplesPerRow
      let samples = output.assumingMemoryBound(to: Sample.self)
      for row in rows {
        let place = samples + (row - rows.lowerBound) * samplesPerRow
        compute(row, from: input, into: place)
        if step.output.hasAlpha {
          copyLastChannel(step.output, from: input[row], into: place) { $0 }
        }
      }
    }

    private func compute(
      _ row: Int, from input: InputRows, into output: UnsafeMutablePointer<Sample>
    ) {
      var counted = 0
      for (run, plan) in zip(step.element.runs, planOfRun) {
        let source = row + run.row
        guard source >= 0, source < step.input.height else { continue }
        pointers.start[counted] =
          runsOfRow(source, from: input) + plan * stride + before + run.column * step.input.channels
        counted += 1
      }
      if counted == 0 {
        output.update(repeating: neutral, count: step.output.samplesPerRow)
      } else {
        loop(pointers.start, counted, step.output.samplesPerRow, output)
      }
    }

    /// The extremes of all runs of a row, computed where they are not there yet.
    private func runsOfRow(_ row: Int, from input: InputRows) -> UnsafePointer<Sample> {
      let place = row % held
      let start = runs.start + place * plan.count * stride
      guard rowAt[place] != row else { return UnsafePointer(start) }
      rowAt[place] = row
      let channels = step.input.channels
      (padded.start + before).update(
        from: input.samples(row, as: Sample.self), count: step.input.samplesPerRow)
      if step.ignoresInvisible {
        hide(step.input, input[row], in: padded.start + before, value: neutral)
      }
      for (index, item) in plan.enumerated() {
        let output = start + index * stride
        let valid = count - (item.length - 1) * channels
        if let from = item.from {
          let shorter = UnsafePointer(start + from * stride)
          runPointers.start[0] = shorter
          runPointers.start[1] = shorter + (item.length - plan[from].length) * channels
          loop(runPointers.start, 2, valid, output)
        } else {
          for pixel in 0..<item.length {
            runPointers.start[pixel] = UnsafePointer(padded.start) + pixel * channels
          }
          loop(runPointers.start, item.length, valid, output)
        }
      }
      return UnsafePointer(start)
    }
  }
}
