import Images
import LoopInterface

/// The middle one of the samples under a square window of odd side.
struct Median: StepMaker {
  let size: Int

  var options: Set<FilterOptions.Option> { [.border, .alpha] }
  var premultiplying: Premultiplying? { Premultiplying(sample: .uint16, reach: size / 2) }

  func check() throws(FilterError) {
    guard size % 2 == 1, (1...Self.largestSize).contains(size) else {
      throw .badArgument("median size \(size): give an odd number from 1 to \(Self.largestSize)")
    }
  }

  static let largestSize = 255

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let geometry = try WindowGeometry(
      layout, width: size, height: size, strideX: 1, strideY: 1, padding: .same,
      border: options.border ?? .replicate)
    if size == 3, layout.sample == .uint8 {
      return WindowStep(geometry, loop: loops.rank.median3UInt8)
    }
    return MedianStep(geometry: geometry, size: size, loops: loops)
  }
}

/// Medians of larger windows and other samples than ``WindowStep`` takes.
private struct MedianStep: RowStep {
  let geometry: WindowGeometry
  let size: Int
  let loops: LoopTable

  var input: PixelLayout { geometry.input }
  var output: PixelLayout { geometry.output }
  var needsWholeImage: Bool { geometry.needsWholeImage }
  func inputRows(for rows: Range<Int>) -> Range<Int> { geometry.inputRows(for: rows) }

  func makeWorker() -> any RowWorker {
    let constant = SampleReader(layout: input, loops: loops).borderValue(geometry.border)
    let rank = loops.rank
    switch input.sample {
    case .uint8:
      return MedianWorker<UInt8>(geometry, size, constant: UInt8(constant)) { batch, output in
        if size <= 5 {
          batch.networks(size, rank.median3UInt8, rank.median5UInt8, into: output)
        } else {
          batch.tiles(size, rank.medianOfTile, into: output)
        }
      }
    case .uint16:
      return MedianWorker<UInt16>(geometry, size, constant: UInt16(constant)) { batch, output in
        if size <= 5 {
          batch.networks(size, rank.median3UInt16, rank.median5UInt16, into: output)
        } else {
          batch.slidingHistogram(size, into: output)
        }
      }
    case .float32:
      return MedianWorker<Float>(geometry, size, constant: Float(constant)) { batch, output in
        if size <= 5 {
          batch.networks(size, rank.median3Float, rank.median5Float, into: output)
        } else {
          batch.sorting(size, into: output)
        }
      }
    }
  }
}

/// Gives the medians batches of rows, extended by the border.
private final class MedianWorker<Sample: BitwiseCopyable>: RowWorker {
  private let geometry: WindowGeometry
  private let size: Int
  private let rows: PaddedRows<Sample>
  private let medians: (MedianBatch<Sample>, UnsafeMutablePointer<Sample>) -> Void
  private let pointers: Scratch<UnsafePointer<Sample>>

  /// Rows of results at a time.
  private static var batchHeight: Int { 32 }

  init(
    _ geometry: WindowGeometry, _ size: Int, constant: Sample,
    medians: @escaping (MedianBatch<Sample>, UnsafeMutablePointer<Sample>) -> Void
  ) {
    self.geometry = geometry
    self.size = size
    self.medians = medians
    // One more for a batch of an odd number of rows.
    let held = Self.batchHeight + size
    rows = PaddedRows(geometry, held: held, extendsColumns: true, constant: constant) {
      $2.update(from: $0.assumingMemoryBound(to: Sample.self), count: $1)
    }
    pointers = Scratch(uninitialized: held)
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    let layout = geometry.output
    let samples = output.assumingMemoryBound(to: Sample.self)
    var first = rows.lowerBound
    while first < rows.upperBound {
      let batch = first..<min(rows.upperBound, first + Self.batchHeight)
      let needed = batch.count + size - 1
      for index in 0..<needed {
        pointers.start[index] = self.rows.row(first - size / 2 + index, from: input)
      }
      pointers.start[needed] = pointers.start[needed - 1]
      let place = samples + (first - rows.lowerBound) * layout.samplesPerRow
      medians(
        MedianBatch(
          rows: UnsafePointer(pointers.start), height: batch.count,
          width: layout.width, channels: layout.channels), place)
      if layout.hasAlpha {
        for row in batch {
          copyLastChannel(
            layout, from: input[row], into: place + (row - first) * layout.samplesPerRow
          ) { $0 }
        }
      }
      first = batch.upperBound
    }
  }
}

/// `height` rows of windows over extended rows, the first of which begin at the first window's corner;
/// there is one row more than the windows need.
private struct MedianBatch<Sample: BitwiseCopyable> {
  let rows: UnsafePointer<UnsafePointer<Sample>>
  let height, width, channels: Int
  private var samplesPerRow: Int { width * channels }

  init(
    rows: UnsafePointer<UnsafePointer<Sample>>, height: Int, width: Int, channels: Int
  ) {
    self.rows = rows
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Windows of 1, 3 or 5 by sorting networks.
  func networks(
    _ size: Int, _ median3: RankLoops.Window<Sample>, _ median5: RankLoops.Tile<Sample>,
    into output: UnsafeMutablePointer<Sample>
  ) {
    switch size {
    case 1:
      for row in 0..<height {
        (output + row * samplesPerRow).update(from: rows[row], count: samplesPerRow)
      }
    case 3:
      for row in 0..<height {
        median3(
          rows[row] + channels, rows[row + 1] + channels, rows[row + 2] + channels, channels,
          samplesPerRow, output + row * samplesPerRow)
      }
    default:
      // An even number of rows, of which the last may be nobody's.
      let spare = Scratch<Sample>(uninitialized: samplesPerRow)
      let even = (height + 1) & ~1
      let inputs = Scratch<UnsafePointer<Sample>>(uninitialized: even + 4)
      let outputs = Scratch<UnsafeMutablePointer<Sample>>(uninitialized: even)
      for first in stride(from: 0, to: samplesPerRow, by: RankLoops.tileLength) {
        for row in 0..<even + 4 { inputs.start[row] = rows[row] + first + 2 * channels }
        for row in 0..<even {
          outputs.start[row] =
            (row < height ? output + row * samplesPerRow : spare.start) + first
        }
        median5(
          inputs.start, even, channels, min(RankLoops.tileLength, samplesPerRow - first),
          outputs.start)
      }
    }
  }
}

extension MedianBatch<UInt8> {
  /// Larger windows, a tile of one channel at a time.
  func tiles(
    _ size: Int, _ median: (RankTile) -> Void, into output: UnsafeMutablePointer<UInt8>
  ) {
    let columns = RankTile.columns(for: size)
    let samples = Scratch<UInt8>((height + size - 1) * columns, filledWith: 0)
    let results = Scratch<UInt8>(uninitialized: height * columns)
    for channel in 0..<channels {
      for left in stride(from: 0, to: width, by: RankTile.width(for: size)) {
        let tileWidth = min(RankTile.width(for: size), width - left)
        let used = tileWidth + size - 1
        for row in 0..<height + size - 1 {
          let source = rows[row] + left * channels + channel
          let place = samples.start + row * columns
          for x in 0..<used { place[x] = source[x &* channels] }
        }
        median(
          RankTile(
            size: size, height: height, usedColumns: used, samples: samples.start,
            results: results.start))
        for row in 0..<height {
          let place = output + row * samplesPerRow + left * channels + channel
          let source = results.start + row * columns
          for x in 0..<tileWidth { place[x &* channels] = source[x] }
        }
      }
    }
  }
}

extension MedianBatch<UInt16> {
  /// Larger windows by a histogram that follows them along a row (Huang, Yang and Tang 1979), its 65,536
  /// counts summed in 256 blocks, so that the median is soon found again.
  func slidingHistogram(_ size: Int, into output: UnsafeMutablePointer<UInt16>) {
    let half = size * size / 2
    let counts = Scratch<UInt16>(uninitialized: 65_536)
    let blocks = Scratch<UInt32>(uninitialized: 256)
    for row in 0..<height {
      for channel in 0..<channels {
        counts.start.update(repeating: 0, count: 65_536)
        blocks.start.update(repeating: 0, count: 256)
        var (median, below) = (0, 0)  // samples that are smaller than it
        func count(_ column: Int, _ change: Int) {
          for y in row..<row + size {
            let sample = Int(rows[y][column * channels + channel])
            counts.start[sample] = UInt16(truncatingIfNeeded: Int(counts.start[sample]) + change)
            blocks.start[sample >> 8] = UInt32(
              truncatingIfNeeded: Int(blocks.start[sample >> 8]) + change)
            below += sample < median ? change : 0
          }
        }
        for column in 0..<size - 1 { count(column, 1) }
        for x in 0..<width {
          count(x + size - 1, 1)
          while below > half {
            if median & 255 == 0, below - Int(blocks.start[median >> 8 - 1]) > half {
              below -= Int(blocks.start[median >> 8 - 1])
              median -= 256
            } else {
              median -= 1
              below -= Int(counts.start[median])
            }
          }
          while below + Int(counts.start[median]) <= half {
            if median & 255 == 0, below + Int(blocks.start[median >> 8]) <= half {
              below += Int(blocks.start[median >> 8])
              median += 256
            } else {
              below += Int(counts.start[median])
              median += 1
            }
          }
          output[row * samplesPerRow + x * channels + channel] = UInt16(median)
          count(x, -1)
        }
      }
    }
  }
}

extension MedianBatch<Float> {
  /// Larger windows, each sorted.
  func sorting(_ size: Int, into output: UnsafeMutablePointer<Float>) {
    for row in 0..<height {
      for x in 0..<samplesPerRow {
        var window: [Float] = []
        window.reserveCapacity(size * size)
        for y in row..<row + size {
          for column in 0..<size { window.append(rows[y][x + column * channels]) }
        }
        window.sort()
        output[row * samplesPerRow + x] = window[window.count / 2]
      }
    }
  }
}
