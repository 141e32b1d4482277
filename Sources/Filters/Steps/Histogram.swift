import Images
import Synchronization

/// How often each sample occurs.
struct Histogram: Sendable {
  var counts: [Int]

  /// All samples that occur: those of the color channels, where alpha is not 0; float samples counted as
  /// 16-bit ones.
  init(
    _ image: InputRows, _ layout: PixelLayout, in selection: Selection = .everything,
    threads: Int = 1
  ) {
    let isPlain = selection.isEverything && layout.channels == 1 && layout.sample == .uint8
    self.init(layout.sample, rows: selection.rows(of: layout), threads: threads) { rows, sum in
      if isPlain {
        // Rows lie one behind the other.
        let bytes = image.samples(rows.lowerBound, as: UInt8.self)
        return sum.countBytes(bytes, layout.width * rows.count)
      }
      for row in rows where !image.isCancelled {
        selection.forEachRun(in: row, of: layout) { sum.count(image[row], $0, layout) }
      }
    }
  }

  init(counts: [Int]) { self.counts = counts }

  /// What `count` adds for all rows.
  init(
    _ sample: SampleType, rows: Range<Int>, threads: Int,
    _ count: @escaping @Sendable (_ rows: Range<Int>, _ sum: inout Histogram) -> Void
  ) {
    let none = Histogram(counts: Array(repeating: 0, count: sample == .uint8 ? 256 : 65_536))
    let sum = Mutex(none)
    forEachStrip(of: rows, threads: threads) { next in
      var part = none
      while let rows = next() { count(rows, &part) }
      sum.withLock { sum in
        for sample in sum.counts.indices { sum.counts[sample] += part.counts[sample] }
      }
    }
    self = sum.withLock { $0 }
  }

  var total: Int { counts.reduce(0, +) }

  /// Adds the pixels of these columns of a row.
  mutating func count(_ row: UnsafeRawPointer, _ columns: Range<Int>, _ layout: PixelLayout) {
    switch layout.sample {
    case .uint8:
      if layout.channels == 1 {
        countBytes(row.assumingMemoryBound(to: UInt8.self) + columns.lowerBound, columns.count)
      } else {
        count(row.assumingMemoryBound(to: UInt8.self), columns, layout) { Int($0) }
      }
    case .uint16: count(row.assumingMemoryBound(to: UInt16.self), columns, layout) { Int($0) }
    case .float32:
      count(row.assumingMemoryBound(to: Float.self), columns, layout) { sample in
        Int(min(max(sample * 65_535, 0), 65_535).rounded(.toNearestOrEven))
      }
    }
  }

  private mutating func countBytes(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    let tally = ByteTally()
    tally.count(bytes, count)
    tally.move(to: &counts)
  }

  private mutating func count<Sample: BitwiseCopyable & Equatable & ExpressibleByIntegerLiteral>(
    _ row: UnsafePointer<Sample>, _ columns: Range<Int>, _ layout: PixelLayout,
    _ index: (Sample) -> Int
  ) {
    let (channels, colors) = (layout.channels, layout.colorChannels)
    counts.withUnsafeMutableBufferPointer { counts in
      guard layout.hasAlpha else {
        for x in columns.lowerBound &* channels..<columns.upperBound &* channels {
          counts[index(row[x])] &+= 1
        }
        return
      }
      for x in columns where row[x &* channels &+ colors] != 0 {
        for color in 0..<colors { counts[index(row[x &* channels &+ color])] &+= 1 }
      }
    }
  }
}

/// Counts bytes in four tables in turn, since equal neighbors would wait for each other's count.
final class ByteTally {
  private let tables = Scratch<UInt32>(4 * 256, filledWith: 0)

  func count(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    let tables = tables.start
    var x = 0
    while x &+ 8 <= count {
      var word = UnsafeRawPointer(bytes + x).loadUnaligned(as: UInt64.self)
      for table in 0..<8 {
        tables[table % 4 &* 256 &+ Int(truncatingIfNeeded: word & 255)] &+= 1
        word &>>= 8
      }
      x &+= 8
    }
    while x < count {
      tables[Int(bytes[x])] &+= 1
      x &+= 1
    }
  }

  /// Adds what was counted to 256 counts and begins anew.
  func move(to counts: inout [Int]) {
    for sample in 0..<256 {
      for table in 0..<4 { counts[sample] += Int(tables.start[256 &* table &+ sample]) }
    }
    tables.start.update(repeating: 0, count: tables.count)
  }
}

extension Histogram {
  /// Otsu's threshold (“A threshold selection method from gray-level histograms”, 1979), the lowest where
  /// several separate equally well.
  var otsu: Int {
    let scale = total > 0 ? 1 / Double(total) : 0
    let sum = counts.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) }
    let mean = sum * scale
    var (mean1, share1) = (0.0, 0.0)
    var (best, threshold) = (0.0, 0)
    let epsilon = Double(Float.ulpOfOne)
    for (sample, count) in counts.enumerated() {
      let share = Double(count) * scale
      mean1 *= share1
      share1 += share
      let share2 = 1 - share1
      if min(share1, share2) < epsilon || max(share1, share2) > 1 - epsilon { continue }
      mean1 = (mean1 + Double(sample) * share) / share1
      let mean2 = (mean - share1 * mean1) / share2
      let separation = share1 * share2 * (mean1 - mean2) * (mean1 - mean2)
      if separation > best { (best, threshold) = (separation, sample) }
    }
    return threshold
  }

  /// The threshold farthest below the line from the histogram's peak to its farther end (Zack, Rogers and
  /// Latt 1977).
  var triangle: Int {
    let last = counts.count - 1
    var left = counts.firstIndex { $0 > 0 } ?? 0
    if left > 0 { left -= 1 }
    var right = counts.lastIndex { $0 > 0 } ?? 0
    if right < last { right += 1 }
    let highest = counts.max() ?? 0
    var peak = highest > 0 ? counts.firstIndex(of: highest) ?? 0 : 0
    var counts = counts
    let isFlipped = peak - left < right - peak
    if isFlipped {
      counts.reverse()
      left = last - right
      peak = last - peak
    }
    var (threshold, farthest) = (left, 0.0)
    if left < peak {
      for sample in left + 1...peak {
        let distance =
          Double(highest) * Double(sample) + Double(left - peak) * Double(counts[sample])
        if distance > farthest { (farthest, threshold) = (distance, sample) }
      }
    }
    threshold -= 1
    return isFlipped ? last - threshold : threshold
  }
}
