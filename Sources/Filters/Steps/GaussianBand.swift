import Images
import LoopInterface

/// A range of output columns of a Gaussian blur, with the newest rows' sums.
final class GaussianBand {
  private let step: GaussianStep
  private let columns: Range<Int>
  private let weights: Scratch<Float>
  /// The samples of a row under the band's windows.
  private let samples: Scratch<UInt8>
  /// The columns of the image among them, and for each other place the column that stands for it.
  private let inside: Range<Int>
  private let insidePlace: Int
  private let copies: [(place: Int, column: Int)]
  private let segmentLength: Int
  private let numbers: Scratch<Float>
  /// Sums of rows: row r of the extended image at the place r modulo ``rowsHeld``, the last before
  /// `next`; or, where all rows of the image have a place, those and last the constant border's.
  private let sums: Scratch<Float>
  private let sumsPerRow: Int
  private var next = Int.min
  /// Which rows were summed, where all have a place.
  private var isSummed: [Bool]?
  private let windowRows: Scratch<UnsafePointer<Float>>
  private let outputs: Scratch<UnsafeMutablePointer<UInt8>>
  /// Takes the results of rows that nobody asked for.
  private let spare: Scratch<UInt8>

  /// Rows of sums that are kept.
  static func rowsHeld(_ step: GaussianStep) -> Int {
    2 * step.weights.radius + GaussianLoops.rowsAtATime
  }

  init(_ step: GaussianStep, columns: Range<Int>, constant: UInt8) {
    self.step = step
    self.columns = columns
    let (radius, channels) = (step.weights.radius, step.input.channels)
    weights = Scratch(radius + 1, filledWith: 0)
    for (index, weight) in step.weights.weights.enumerated() {
      weights.start[index] = Float(weight)
    }

    let (geometry, width) = (step.geometry, step.input.width)
    let under = geometry.columns.indices(under: columns)
    let inside = under.clamped(to: 0..<width)
    self.inside = inside
    insidePlace = inside.lowerBound - under.lowerBound
    copies = under.filter { !inside.contains($0) }.compactMap { column in
      geometry.border.source(of: column, count: width).map { (column - under.lowerBound, $0) }
    }
    let (loops, reach) = (step.loops, radius * channels)
    segmentLength = loops.segmentLength(columns: columns.count, channels: channels)
    let extended = loops.segments * segmentLength
    samples = Scratch(extended + 2 * reach + 16, filledWith: constant)
    numbers = Scratch(uninitialized: loops.numbersCount(length: segmentLength, reach: reach))

    // Sixteen more, so that neighboring rows do not compete for the same places of the cache.
    sumsPerRow = extended + 16
    let (held, height) = (GaussianBand.rowsHeld(step), step.input.height)
    isSummed = held > height ? Array(repeating: false, count: height + 1) : nil
    sums = Scratch(min(held, height + 1) * sumsPerRow, filledWith: 0)
    windowRows = Scratch(held, filledWith: UnsafePointer(sums.start))
    spare = Scratch(columns.count * channels, filledWith: 0)
    outputs = Scratch(GaussianLoops.rowsAtATime, filledWith: spare.start)
  }

  /// Computes the band's columns of these rows, of which the first one begins at `output`.
  func compute(
    _ rows: Range<Int>, from input: InputRows, _ border: BorderRows,
    into output: UnsafeMutablePointer<UInt8>
  ) {
    let (samplesPerRow, channels) = (step.output.samplesPerRow, step.output.channels)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let group = row..<min(rows.upperBound, row + GaussianLoops.rowsAtATime)
      sumRows(under: step.geometry.rows.indices(under: group), from: input, border)
      for index in 0..<GaussianLoops.rowsAtATime {
        outputs.start[index] =
          index < group.count
          ? output + (row + index - rows.lowerBound) * samplesPerRow + columns.lowerBound * channels
          : spare.start
      }
      step.loops.columns(
        windowRows.start, weights.start, step.weights.radius, segmentLength,
        columns.count * channels, outputs.start)
      row = group.upperBound
    }
  }

  /// Sees to it that the sums of these rows of the extended image are there, and points to them.
  private func sumRows(under window: Range<Int>, from input: InputRows, _ border: BorderRows) {
    let held = windowRows.count
    // Fewer rows than fit are asked for at the end of a strip: the last one fills the others' places.
    func row(_ index: Int) -> Int { min(window.lowerBound + index, window.upperBound - 1) }
    if isSummed != nil {
      for index in 0..<held where !input.isCancelled {
        windowRows.start[index] = sumsOfImageRow(for: row(index), from: input, border)
      }
      return
    }
    if next < window.lowerBound || next > window.upperBound || next - held > window.lowerBound {
      next = window.lowerBound
    }
    while next < window.upperBound, !input.isCancelled {
      sum(border.row(next, from: input), into: place(of: next))
      next += 1
    }
    for index in 0..<held {
      windowRows.start[index] = UnsafePointer(place(of: row(index)))
    }
  }

  /// The sums of the image's row, or the constant one, that stands for a row of the extended image.
  private func sumsOfImageRow(
    for row: Int, from input: InputRows, _ border: BorderRows
  ) -> UnsafePointer<Float> {
    let height = step.input.height
    let place = step.geometry.border.source(of: row, count: height) ?? height
    let sums = sums.start + place * sumsPerRow
    if isSummed?[place] == false {
      sum(border.row(row, from: input), into: sums)
      isSummed?[place] = true
    }
    return UnsafePointer(sums)
  }

  private func place(of row: Int) -> UnsafeMutablePointer<Float> {
    // Rows above the image have negative numbers.
    sums.start + (row + step.geometry.rows.before) % windowRows.count * sumsPerRow
  }

  private func sum(_ row: UnsafePointer<UInt8>, into sums: UnsafeMutablePointer<Float>) {
    let (radius, channels) = (step.weights.radius, step.input.channels)
    (samples.start + insidePlace * channels).update(
      from: row + inside.lowerBound * channels, count: inside.count * channels)
    for copy in copies {
      (samples.start + copy.place * channels).update(
        from: row + copy.column * channels, count: channels)
    }
    step.loops.row(
      samples.start, channels, weights.start, radius, segmentLength, numbers.start, sums)
  }
}
