import CCodecs
import Files
import Glibc

/// How much work goes into making a PNG small.
public enum Compression: String, Sendable, Hashable, CaseIterable {
  /// As fast as it goes.
  case fast
  /// Fast, with the row filters that suit each part of the image.
  case balanced
  /// Slow and small.
  case small
}

/// A few rows of a PNG, filtered and compressed on their own, so that strips can be worked on by several
/// threads; the result depends on nothing but the rows.
///
/// Unchecked: one thread at a time has a strip in hand.
final class PNGStrip: @unchecked Sendable {
  private let rowBytes: Int
  private let pixelBytes: Int
  private let compression: Compression
  private let cancellation: Cancellation?
  /// Zeros in front of each row, so that the first pixel has a left neighbor.
  private let margin = 16
  private let pitch: Int
  /// The row above the strip, then the strip's rows.
  private let rows: Buffer
  private let filtered: Buffer
  /// The compressed strip.
  private let output: Buffer

  private(set) var rowCount = 0
  private(set) var outputCount = 0
  /// CRC-32 of the letters IDAT and the output; Adler-32 and number of the filtered bytes.
  private(set) var crc: UInt32 = 0
  private(set) var adler: UInt32 = 1
  private(set) var filteredCount = 0
  /// Whether there was no memory for the compression, or nobody waits for it.
  private(set) var hasFailed = false
  /// Whether the compression is done; guarded by the writer's monitor.
  var isDone = false

  /// Rows that fit.
  let capacity: Int

  init(
    capacity: Int, rowBytes: Int, pixelBytes: Int, compression: Compression,
    cancellation: Cancellation?
  ) {
    self.capacity = capacity
    self.rowBytes = rowBytes
    self.pixelBytes = pixelBytes
    self.compression = compression
    self.cancellation = cancellation
    pitch = margin + (rowBytes + 15) / 16 * 16
    rows = Buffer(byteCount: (capacity + 1) * pitch)
    filtered = Buffer(byteCount: capacity * (rowBytes + 1))
    output = Buffer(byteCount: 2 + vision_deflate_bound(capacity * (rowBytes + 1)))
  }

  /// Where the bytes of row `index` go; −1 is the row above the strip.
  func row(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    rows.start + (index + 1) * pitch + margin
  }

  /// Makes the strip empty; `above` is the strip before, nil at the top of the image.
  func begin(below above: PNGStrip?) {
    rowCount = 0
    isDone = false
    if let above {
      row(-1).update(from: above.row(above.rowCount - 1), count: rowBytes)
    } else {
      row(-1).update(repeating: 0, count: rowBytes)
    }
  }

  func addedRows(_ count: Int) { rowCount += count }

  var compressed: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output.bytes)[..<outputCount])
  }

  /// Filters and compresses the rows. The first strip carries the zlib header, the last ends the stream.
  func compress(isFirst: Bool, isLast: Bool) {
    filteredCount = rowCount * (rowBytes + 1)
    let statistics = FilterStatistics(self)
    switch compression {
    case .fast:
      apply(.same(statistics.isFlat ? .none : statistics.best))
      deflate(VISION_DEFLATE_FASTEST, isFirst, isLast)
    case .balanced where statistics.isFlat:
      // Where most bytes repeat, this compressor is as quick as it is good.
      apply(smallest(of: RowFilter.allCases.map { .same($0) }))
      deflate(VISION_DEFLATE_FASTEST, isFirst, isLast)
    case .balanced:
      apply(.same(statistics.best))
      deflate(VISION_DEFLATE_FAST, isFirst, isLast)
    case .small:
      let filters = statistics.isFlat ? RowFilter.allCases : [statistics.best]
      // Which filters serve is told by the quick compressor.
      apply(smallest(of: filters.map { .same($0) } + [.adaptive]))
      deflate(runsServe ? VISION_DEFLATE_RUNS : VISION_DEFLATE_THOROUGH, isFirst, isLast)
    }
    adler = vision_adler32(1, filtered.start, filteredCount)
    crc = vision_crc32(vision_crc32(0, Array("IDAT".utf8), 4), output.start, outputCount)
  }

  /// How the filters of a strip's rows are chosen.
  private enum FilterPlan {
    /// One for all.
    case same(RowFilter)
    /// For each row that which leaves the smallest sum of absolute differences (PNG 12.7).
    case adaptive
  }

  private func apply(_ plan: FilterPlan) { apply(plan, to: 0..<rowCount) }

  private func apply(_ plan: FilterPlan, to rows: Range<Int>) {
    for index in rows {
      if cancellation?.isCancelled == true { return }
      switch plan {
      case .same(let filter): apply(filter, toRow: index)
      case .adaptive: filterAdaptively(row: index)
      }
    }
  }

  private func apply(_ filter: RowFilter, toRow index: Int) {
    let line = filtered.start + index * (rowBytes + 1)
    line[0] = filter.rawValue
    filter.apply(
      row(index), above: row(index - 1), into: line + 1, range: 0..<rowBytes,
      pixelBytes: pixelBytes)
  }

  private func filterAdaptively(row index: Int) {
    let line = filtered.start + index * (rowBytes + 1)
    var smallest = Int.max
    var chosen = RowFilter.none
    for filter in RowFilter.allCases {
      apply(filter, toRow: index)
      let sum = sumOfMagnitudes(line + 1, rowBytes)
      if sum < smallest {
        smallest = sum
        chosen = filter
      }
    }
    apply(chosen, toRow: index)
  }

  /// The plan that gives the shortest result over a sample of the rows.
  private func smallest(of plans: [FilterPlan]) -> FilterPlan {
    var chosen = plans[0]
    var fewest = Int.max
    let bands = (0..<4).map { band in
      let first = (2 * band + 1) * rowCount / 8
      return first..<min(rowCount, first + max(1, rowCount / 32))
    }
    for plan in plans {
      var count = 0
      for rows in bands {
        apply(plan, to: rows)
        count += vision_deflate_strip(
          VISION_DEFLATE_FASTEST, 0, filtered.start + rows.lowerBound * (rowBytes + 1),
          rows.count * (rowBytes + 1), output.start, output.bytes.count, isWanted,
          cancellation.context)
      }
      if count < fewest {
        fewest = count
        chosen = plan
      }
    }
    return chosen
  }

  /// Whether bytes that repeat are all that is worth looking for, as in most smooth images: told by the
  /// middle of the filtered strip.
  private var runsServe: Bool {
    let count = min(filteredCount, Self.sampleBytes)
    let start = filtered.start + (filteredCount - count) / 2
    let sizes = [VISION_DEFLATE_RUNS, VISION_DEFLATE_THOROUGH].map {
      vision_deflate_strip(
        $0, 0, start, count, output.start, output.bytes.count, isWanted, cancellation.context)
    }
    return sizes[0] <= sizes[1]
  }

  private static let sampleBytes = 128 << 10

  private func deflate(_ effort: vision_deflate_effort, _ isFirst: Bool, _ isLast: Bool) {
    let header = isFirst ? 2 : 0
    if isFirst {
      // Deflate with a 32 KiB window; the two bytes as a number are a multiple of 31 (RFC 1950).
      output.start[0] = 0x78
      output.start[1] = 0x01
    }
    let count = vision_deflate_strip(
      effort, isLast ? 1 : 0, filtered.start, filteredCount, output.start + header,
      output.bytes.count - header, isWanted, cancellation.context)
    hasFailed = count == 0
    outputCount = header + count
  }

  /// What a sample of the strip says about the filters.
  private struct FilterStatistics {
    /// The filter that leaves the least entropy.
    private(set) var best = RowFilter.none
    /// Whether most bytes are as the one to their left or above: graphics, not a photo.
    private(set) var isFlat = false

    private static let spots = 8
    private static let spotBytes = 2048

    init(_ strip: PNGStrip) {
      let length = min(Self.spotBytes, strip.rowBytes)
      let count = min(Self.spots, strip.rowCount)
      var lowest = Double.infinity
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { residues in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4 * 256) { histogram in
          guard let output = residues.baseAddress, let tallies = histogram.baseAddress else {
            return
          }
          for filter in RowFilter.allCases {
            tallies.initialize(repeating: 0, count: 4 * 256)
            for spot in 0..<count {
              let index = (2 * spot + 1) * strip.rowCount / (2 * count)
              // The spots lie on a diagonal, so that all columns have their say.
              let first = spot * (strip.rowBytes - length) / max(1, count - 1)
              filter.apply(
                strip.row(index) + first, above: strip.row(index - 1) + first, into: output,
                range: 0..<length, pixelBytes: strip.pixelBytes)
              tally(output, length, tallies)
            }
            for value in 0..<256 {
              tallies[value] &+=
                tallies[256 + value] &+ tallies[512 + value] &+ tallies[768 + value]
            }
            if filter == .sub || filter == .up, 2 * Int(tallies[0]) > count * length {
              isFlat = true
            }
            let bits = entropy(tallies, total: count * length)
            if bits < lowest {
              lowest = bits
              best = filter
            }
          }
        }
      }
    }
  }
}

/// Counts bytes in four tables, so that one byte does not wait for an equal one before it.
private func tally(
  _ bytes: UnsafePointer<UInt8>, _ count: Int, _ tallies: UnsafeMutablePointer<UInt32>
) {
  var i = 0
  while i &+ 4 <= count {
    tallies[Int(bytes[i])] &+= 1
    tallies[256 &+ Int(bytes[i &+ 1])] &+= 1
    tallies[512 &+ Int(bytes[i &+ 2])] &+= 1
    tallies[768 &+ Int(bytes[i &+ 3])] &+= 1
    i &+= 4
  }
  while i < count {
    tallies[Int(bytes[i])] &+= 1
    i &+= 1
  }
}

/// Bits that `total` values with these frequencies take at the least: −Σ n log₂(n / total).
private func entropy(_ frequencies: UnsafePointer<UInt32>, total: Int) -> Double {
  var bits = 0.0
  for value in 0..<256 where frequencies[value] > 0 {
    let n = Double(frequencies[value])
    bits -= n * log2(n / Double(total))
  }
  return bits
}

/// The sum of the bytes as distances from zero, either way around.
private func sumOfMagnitudes(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
  var sum: UInt64 = 0
  for i in 0..<count {
    let byte = bytes[i]
    sum &+= UInt64(byte < 128 ? byte : 0 &- byte)
  }
  return Int(sum)
}
