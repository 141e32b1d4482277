import Images
import LoopInterface

/// The curves that equalize the tiles of two rows of tiles.
final class CLAHECurves {
  private let step: CLAHEStep
  private let gray: any RowWorker
  private let grayLayout: PixelLayout
  private let line: Scratch<UInt8>
  private let tally = ByteTally()
  /// The curves of a row of tiles, one table behind the other, by the row's number.
  private var curves: [Int: [Float]] = [:]
  let levels: Int

  init(_ step: CLAHEStep) {
    self.step = step
    let gray = GrayStep(step.input, step.loops)
    self.gray = gray.makeWorker()
    grayLayout = gray.output
    line = Scratch(uninitialized: grayLayout.bytesPerRow)
    levels = step.input.sample == .uint8 ? 256 : 65_536
  }

  /// The curves of two rows of tiles.
  func curves(_ above: Int, _ below: Int, from input: InputRows) -> (above: [Float], below: [Float])
  {
    let kept = curves.filter { $0.key == above || $0.key == below }
    curves = kept
    let upper = kept[above] ?? curves(of: above, from: input)
    curves[above] = upper
    let lower = curves[below] ?? curves(of: below, from: input)
    curves[below] = lower
    return (upper, lower)
  }

  private func curves(of band: Int, from input: InputRows) -> [Float] {
    (0..<step.filter.tiles).flatMap { curve(of: $0, in: band, from: input) }
  }

  private func curve(of tile: Int, in band: Int, from input: InputRows) -> [Float] {
    var histogram = Histogram(counts: Array(repeating: 0, count: levels))
    let (width, height) = (step.input.width, step.input.height)
    let (left, top) = (tile * step.tileWidth, band * step.tileHeight)
    let inside = min(left, width)..<min(left + step.tileWidth, width)
    let isBytes = grayLayout.channels == 1 && grayLayout.sample == .uint8
    for y in top..<top + step.tileHeight {
      guard let source = Border.reflect101.source(of: y, count: height) else { continue }
      let row = grayRow(source, from: input)
      if isBytes {
        tally.count(
          row.assumingMemoryBound(to: UInt8.self) + inside.lowerBound, inside.count)
      } else if !inside.isEmpty {
        histogram.count(row, inside, grayLayout)
      }
      for x in max(left, width)..<max(left + step.tileWidth, width) {
        guard let column = Border.reflect101.source(of: x, count: width) else { continue }
        histogram.count(row, column..<column + 1, grayLayout)
      }
    }
    if isBytes { tally.move(to: &histogram.counts) }
    return limited(histogram.counts)
  }

  private func grayRow(_ row: Int, from input: InputRows) -> UnsafeRawPointer {
    if step.input.colorChannels == 1 { return input[row] }
    gray.compute(row..<row + 1, from: input, into: line.start)
    return UnsafeRawPointer(line.start)
  }

  /// The equalizing curve of counts, limited and what was above the limit shared out.
  private func limited(_ counts: [Int]) -> [Float] {
    var counts = counts
    let total = step.tileWidth * step.tileHeight
    if step.filter.clip > 0 {
      let limit = max(1, Int(step.filter.clip * Double(total) / Double(levels)))
      var excess = 0
      for sample in counts.indices where counts[sample] > limit {
        excess += counts[sample] - limit
        counts[sample] = limit
      }
      let (share, rest) = excess.quotientAndRemainder(dividingBy: levels)
      for sample in counts.indices { counts[sample] += share }
      if rest > 0 {
        let step = max(levels / rest, 1)
        for index in 0..<rest where index * step < levels { counts[index * step] += 1 }
      }
    }
    let scale = Float(levels - 1) / Float(total)
    var sum = 0
    return counts.map { count in
      sum += count
      return min((Float(sum) * scale).rounded(.toNearestOrEven), Float(levels - 1))
    }
  }
}
