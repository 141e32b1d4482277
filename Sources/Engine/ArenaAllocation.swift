/// Gives buffers of an arena their places, so that those which are needed at the same time do not
/// overlap and the arena is small.
///
/// Large buffers first, each at the lowest place that is free as long as it lives (Y. Pisarchyk,
/// J. Lee: *Efficient Memory Management for Deep Neural Net Inference*, 2020, greedy by size).
struct ArenaAllocation {
  private(set) var offsets: [BufferID: Int] = [:]
  private(set) var byteCount = 0

  /// - Parameters:
  ///   - lives: for each buffer its size and the steps from its first write to its last read.
  init(_ lives: [(buffer: BufferID, byteCount: Int, steps: ClosedRange<Int>)]) {
    var placed: [(range: Range<Int>, steps: ClosedRange<Int>)] = []
    let order = lives.sorted { ($0.byteCount, $1.buffer) > ($1.byteCount, $0.buffer) }
    for life in order {
      // Cache lines apart, and off the multiples of 4096 where neighbors would collide.
      let size = (life.byteCount + 127) / 128 * 128
      var offset = 0
      for other in placed where other.steps.overlaps(life.steps) {
        if offset + size <= other.range.lowerBound { break }
        offset = max(offset, other.range.upperBound)
      }
      offsets[life.buffer] = offset
      byteCount = max(byteCount, offset + size)
      let item = (range: offset..<offset + size, steps: life.steps)
      let index = placed.partitioningIndex { $0.range.lowerBound >= offset }
      placed.insert(item, at: index)
    }
  }
}

extension Array {
  /// The first index whose element fulfils a condition that holds for all after it.
  fileprivate func partitioningIndex(_ isAfter: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
