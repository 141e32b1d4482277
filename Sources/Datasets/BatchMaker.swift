import Synchronization
import Tensors

/// Makes any batch of any pass: a function of the random source, the pass and the batch's number.
final class BatchMaker: Sendable {
  /// What a batch holds beside its buffers.
  struct Made: Sendable {
    var bucket: Int
    var indices: [Int]
  }

  let source: any ExampleSource
  let batchSize: Int
  let random: RandomSource?
  /// Batches in a pass.
  let batchCount: Int
  /// The slots of each bucket.
  let slots: [[ExampleSlot]]
  /// Examples by bucket, in their order.
  private let buckets: [[Int]]
  /// The passes under way, each planned once.
  private let passes = Mutex<[Int: [Made]]>([:])

  init(_ source: any ExampleSource, batchSize: Int, random: RandomSource?) {
    self.source = source
    self.batchSize = batchSize
    self.random = random
    var buckets: [[Int]] = []
    for index in 0..<source.count {
      let bucket = source.bucket(of: index)
      while buckets.count <= bucket { buckets.append([]) }
      buckets[bucket].append(index)
    }
    self.buckets = buckets
    slots = buckets.indices.map(source.slots)
    let batches = buckets.map { members in
      random == nil ? (members.count + batchSize - 1) / batchSize : members.count / batchSize
    }
    batchCount = max(1, batches.reduce(0, +))
  }

  /// For each slot the bytes of its largest batch.
  var bufferSizes: [Int] {
    (0..<(slots.map(\.count).max() ?? 0)).map { place in
      batchSize * (slots.compactMap { place < $0.count ? $0[place].byteCount : nil }.max() ?? 0)
    }
  }

  /// Makes a batch, counted from 0 over all passes.
  func make(
    _ number: Int, in memory: [UnsafeMutableRawBufferPointer], damaged: (DatasetWarning) -> Void
  ) -> Made {
    let (pass, place) = number.quotientAndRemainder(dividingBy: batchCount)
    let planned = batches(ofPass: pass)[place]
    let passRandom = random?.split("augment/\(pass)")
    var made = Made(bucket: planned.bucket, indices: [])
    for index in planned.indices {
      let places = ExamplePlaces(
        slots: slots[planned.bucket], memory: memory, row: made.indices.count)
      places.clear()
      guard let readable = write(index, into: places, planned.bucket, passRandom, damaged) else {
        // In training that means that no example can be read at all.
        if random == nil { continue } else { break }
      }
      made.indices.append(readable)
    }
    return made
  }

  /// Writes an example; in training the next of its bucket that can be read.
  private func write(
    _ first: Int, into places: ExamplePlaces, _ bucket: Int, _ random: RandomSource?,
    _ damaged: (DatasetWarning) -> Void
  ) -> Int? {
    var index = first
    for _ in 0..<(random == nil ? 1 : buckets[bucket].count) {
      do throws(UnreadableExample) {
        try source.write(index, into: places, random: random.map { Self.stretch($0, index) })
        return index
      } catch {
        damaged(.unreadableImage(path: source.name(of: index), reason: error.reason))
        places.clear()
      }
      index = next(after: index, in: bucket)
    }
    return nil
  }

  /// Each example has a stretch of the pass's stream to itself: 2²⁴ blocks.
  private static func stretch(_ random: RandomSource, _ index: Int) -> RandomSource {
    var random = random
    random.counter = UInt64(index) << 24
    return random
  }

  private func next(after index: Int, in bucket: Int) -> Int {
    let members = buckets[bucket]
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      if members[middle] > index { high = middle } else { low = middle + 1 }
    }
    return members[low % members.count]
  }

  // MARK: - Order

  private func batches(ofPass pass: Int) -> [Made] {
    passes.withLock { known in
      if let batches = known[pass] { return batches }
      let batches = plan(pass)
      known = known.filter { $0.key >= pass - 1 }
      known[pass] = batches
      return batches
    }
  }

  /// A pass's examples in their order, each batch full where the order is random.
  private func plan(_ pass: Int) -> [Made] {
    guard let random else {
      return buckets.enumerated().flatMap { bucket, members in
        stride(from: 0, to: members.count, by: batchSize).map { start in
          Made(
            bucket: bucket, indices: Array(members[start..<min(start + batchSize, members.count)]))
        }
      }
    }
    var stream = random.split("order/\(pass)")
    let order = stream.permutation(source.count)
    var waiting = Array(repeating: [Int](), count: buckets.count)
    var batches: [Made] = []
    for index in order {
      let bucket = source.bucket(of: index)
      waiting[bucket].append(index)
      if waiting[bucket].count == batchSize {
        batches.append(Made(bucket: bucket, indices: waiting[bucket]))
        waiting[bucket] = []
      }
    }
    if batches.isEmpty,
      let bucket = waiting.indices.max(by: { waiting[$0].count < waiting[$1].count })
    {
      let members = waiting[bucket]
      batches.append(
        Made(bucket: bucket, indices: (0..<batchSize).map { members[$0 % members.count] }))
    }
    return batches
  }
}
