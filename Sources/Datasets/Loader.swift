import Files
import Images
import Synchronization
import Tensors

/// Feeds a network: makes batches of examples in background threads, always a few ahead.
///
/// A loader with `random` gives a new order in every pass and never a batch that is not full: examples
/// left over come in another pass, and a set smaller than a batch is repeated within it. A loader without
/// gives the examples in order, unchanged, its last batch with what is left. Either goes on with the next
/// pass after the last batch of one.
///
/// What comes depends on the random source, the pass and the example alone, not on the number of
/// threads, and is the same whether a batch was reached by running or by starting at it.
public final class Loader {
  /// Examples in a full batch.
  public let batchSize: Int
  /// Batches in a pass.
  public let batchCount: Int
  private let maker: BatchMaker
  private let ring: Ring
  private let prefetcher: OrderedPrefetcher<BatchMaker.Made>
  private let log = WarningLog()
  private var nextToTake: Int

  /// - Parameters:
  ///   - source: at least one example.
  ///   - batchSize: from 1.
  ///   - random: for order and augmentation in training; nil gives the examples in order, unchanged.
  ///   - first: the batch to begin with, counted from 0 over all passes.
  ///   - threads: nil for as many as the source needs: all processors, or one where it is fast.
  public init(
    _ source: any ExampleSource, batchSize: Int, random: RandomSource? = nil,
    startingAt first: Int = 0, threads: Int? = nil
  ) {
    precondition(source.count > 0 && batchSize > 0 && first >= 0)
    let maker = BatchMaker(source, batchSize: batchSize, random: random)
    let threadCount = max(1, threads ?? (source.isSlow ? processorCount : 1))
    let ring = Ring(count: threadCount + 2, sizes: maker.bufferSizes)
    self.maker = maker
    self.ring = ring
    self.batchSize = batchSize
    batchCount = maker.batchCount
    nextToTake = first
    prefetcher = OrderedPrefetcher(bound: ring.count, threads: threadCount, startingAt: first) {
      [log] number in
      var damaged: [DatasetWarning] = []
      let made = maker.make(number, in: ring[number]) { damaged.append($0) }
      log.add(damaged)
      return made
    }
  }

  /// How many batches a pass over some examples has.
  public static func batchCount(
    of source: any ExampleSource, batchSize: Int, random: RandomSource?
  ) -> Int { BatchMaker(source, batchSize: batchSize, random: random).batchCount }

  /// Waits for the next batch and lets `body` take what it needs of it.
  public func next<Result, Failure: Error>(
    _ body: (ExampleBatch) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let made = prefetcher.oldest() else {
      preconditionFailure("a loader's batches never end")
    }
    defer {
      prefetcher.releaseOldest()
      nextToTake += 1
    }
    return try body(
      ExampleBatch(
        pass: nextToTake / batchCount, bucket: made.bucket, indices: made.indices,
        slots: maker.slots[made.bucket], memory: ring[nextToTake]))
  }

  /// Examples that turned out damaged since the last call, each once. In training the next readable
  /// example takes the place of one; in order, it is left out of its batch.
  public func drainWarnings() -> [DatasetWarning] { log.take() }
}

/// A ring of buffers for batches, each a buffer for every slot.
///
/// Unchecked: a batch's buffers are only written by the thread that makes it, and only read by the taker
/// until the batch is released.
private final class Ring: @unchecked Sendable {
  let count: Int
  private let buffers: [[UnsafeMutableRawBufferPointer]]

  init(count: Int, sizes: [Int]) {
    self.count = count
    buffers = (0..<count).map { _ in
      sizes.map { .allocate(byteCount: max($0, 1), alignment: 64) }
    }
  }

  deinit { for buffer in buffers.joined() { buffer.deallocate() } }

  subscript(number: Int) -> [UnsafeMutableRawBufferPointer] { buffers[number % count] }
}

/// Collects warnings from several threads, each warning once.
private final class WarningLog: Sendable {
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
