import Files
import Synchronization

/// Batches that threads make in order, a bounded number ahead of the one who takes them.
///
/// Unchecked: a slot's planes are only written by the thread that makes its batch, and only read by the
/// taker until it releases the batch.
final class BatchQueue: @unchecked Sendable {
  private let maker: BatchMaker
  private let slots: Slots
  private let prefetcher: OrderedPrefetcher<Loader.Batch>
  private let log = Log()
  private var nextToTake: Int

  init(_ maker: BatchMaker, first: Int, depth: Int, threads: Int) {
    self.maker = maker
    nextToTake = first
    let slots = Slots(count: depth, size: maker.batchSize * maker.form.elementCount)
    let orders = Orders()
    self.slots = slots
    prefetcher = OrderedPrefetcher(bound: depth, threads: threads, startingAt: first) {
      [log] number in
      let (epoch, batch) = number.quotientAndRemainder(dividingBy: maker.batchCount)
      var damaged: [DatasetWarning] = []
      let made = maker.fill(
        slots[number], batch: batch, epoch: epoch, order: orders.order(epoch: epoch, maker)
      ) { damaged.append($0) }
      log.add(damaged)
      return made
    }
  }

  /// Waits for the next batch and hands over its planes, N × C × H × W, and its number of pictures.
  func next(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) -> Loader.Batch {
    // A loader's batches never end.
    guard let batch = prefetcher.oldest() else {
      return Loader.Batch(epoch: 0, indices: [], labels: [])
    }
    body(UnsafeBufferPointer(slots[nextToTake]), batch.count)
    prefetcher.releaseOldest()
    nextToTake += 1
    return batch
  }

  /// What turned out damaged since the last call, each once.
  func takeDamaged() -> [DatasetWarning] { log.take() }
}

/// A ring of buffers for batches.
///
/// Unchecked: see ``BatchQueue``.
private final class Slots: @unchecked Sendable {
  private let buffers: [UnsafeMutableBufferPointer<UInt8>]

  init(count: Int, size: Int) {
    buffers = (0..<count).map { _ in .allocate(capacity: size) }
  }

  deinit { for buffer in buffers { buffer.deallocate() } }

  subscript(number: Int) -> UnsafeMutableBufferPointer<UInt8> { buffers[number % buffers.count] }
}

/// The orders of the epochs under way, each made once.
private final class Orders: Sendable {
  private let known = Mutex<[Int: [Int]]>([:])

  func order(epoch: Int, _ maker: BatchMaker) -> [Int] {
    known.withLock { known in
      if let order = known[epoch] { return order }
      let order = maker.order(epoch: epoch)
      known = known.filter { $0.key >= epoch - 1 }
      known[epoch] = order
      return order
    }
  }
}

/// Collects warnings from several threads, each warning once.
private final class Log: Sendable {
  private let state = Mutex<(new: [DatasetWarning], known: Set<DatasetWarning>)>(([], []))

  func add(_ warnings: [DatasetWarning]) {
    guard !warnings.isEmpty else { return }
    state.withLock { state in
      for warning in warnings where state.known.insert(warning).inserted {
        state.new.append(warning)
      }
    }
  }

  func take() -> [DatasetWarning] {
    state.withLock { state in
      defer { state.new = [] }
      return state.new
    }
  }
}
