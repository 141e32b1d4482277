import Images

/// Batches that threads make in order, a bounded number ahead of the one who takes them.
///
/// Unchecked: what changes does so inside the monitor, except for a slot's pixels, which only the thread
/// that claimed the slot writes until it says that they are ready, and only the taker reads until it
/// gives the slot back.
final class BatchQueue: @unchecked Sendable {
  private struct Slot {
    /// The running number of the batch in it, when it is ready.
    var ready: Int?
    var batch = Loader.Batch(epoch: 0, indices: [], labels: [])
    let planes: UnsafeMutableBufferPointer<UInt8>
  }

  private let monitor = Monitor()
  private let maker: BatchMaker
  private var slots: [Slot]
  /// The running number of the next batch to make: epoch × batches + batch.
  private var nextToMake: Int
  private var nextToTake: Int
  private var isClosed = false
  private var hasWorkers = true
  /// The orders of the epochs under way.
  private var orders: [Int: [Int]] = [:]
  private var damaged: [DatasetWarning] = []
  private var known: Set<DatasetWarning> = []

  init(_ maker: BatchMaker, first: Int, depth: Int) {
    self.maker = maker
    nextToMake = first
    nextToTake = first
    slots = (0..<depth).map { _ in
      Slot(planes: .allocate(capacity: maker.batchSize * maker.form.count))
    }
  }

  deinit { for slot in slots { slot.planes.deallocate() } }

  /// What a thread does until the queue is closed.
  func work() {
    while makeOne() {}
  }

  /// Says that whoever takes batches must make them.
  func hasNoWorkers() { hasWorkers = false }

  func close() {
    monitor.withLock {
      isClosed = true
      monitor.signal()
    }
  }

  /// Waits for the next batch and hands over its planes, N × C × H × W, and its number of pictures.
  func next(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) -> Loader.Batch {
    if !hasWorkers { _ = makeOne() }
    let (batch, planes) = monitor.withLock {
      let slot = nextToTake % slots.count
      while slots[slot].ready != nextToTake { monitor.wait() }
      return (slots[slot].batch, slots[slot].planes)
    }
    body(UnsafeBufferPointer(planes), batch.count)
    monitor.withLock {
      slots[nextToTake % slots.count].ready = nil
      nextToTake += 1
      monitor.signal()
    }
    return batch
  }

  func takeDamaged() -> [DatasetWarning] {
    monitor.withLock {
      defer { damaged = [] }
      return damaged
    }
  }

  /// Makes the next batch once there is room for it; false when the queue is closed.
  private func makeOne() -> Bool {
    let claim: (number: Int, planes: UnsafeMutableBufferPointer<UInt8>, order: [Int])? =
      monitor.withLock {
        while !isClosed, nextToMake >= nextToTake + slots.count { monitor.wait() }
        if isClosed { return nil }
        let number = nextToMake
        nextToMake += 1
        return (number, slots[number % slots.count].planes, order(epoch: number / maker.batchCount))
      }
    guard let claim else { return false }
    var found: [DatasetWarning] = []
    let batch = maker.fill(
      claim.planes, batch: claim.number % maker.batchCount,
      epoch: claim.number / maker.batchCount, order: claim.order
    ) { found.append($0) }
    monitor.withLock {
      for warning in found where known.insert(warning).inserted { damaged.append(warning) }
      slots[claim.number % slots.count].batch = batch
      slots[claim.number % slots.count].ready = claim.number
      monitor.signal()
    }
    return true
  }

  /// Inside the monitor: an epoch's order, made once and kept while it or the one after is under way.
  private func order(epoch: Int) -> [Int] {
    if let order = orders[epoch] { return order }
    let order = maker.order(epoch: epoch)
    orders = orders.filter { $0.key >= epoch - 1 }
    orders[epoch] = order
    return order
  }
}
