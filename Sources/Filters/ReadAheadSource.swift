import Glibc
import Images

/// Reads another source's rows ahead on a thread of its own, so that decoding, filtering and
/// encoding can each have a processor core:
///
///     let decoded = ReadAheadSource(decoder)
///     let filtered = ReadAheadSource(try chain.source(over: decoded))
///     // … the encoder reads `filtered` on this thread.
///
/// A few strips of rows are in memory at a time; the thread waits when they are full, and ends
/// with the source or when this object goes.
public final class ReadAheadSource: RowSource {
  public let layout: PixelLayout
  public let metadata: Metadata
  private let queue: StripQueue
  private let thread: JoinableThread?
  /// Rows of the current strip that were handed over.
  private var taken = 0

  /// - Parameters:
  ///   - source: where rows come from; nobody else may use it from now on.
  ///   - rows: how many rows a strip has at most; rows that are very wide come fewer at a time.
  ///   - strips: how many strips are held at most; a single one where a row takes megabytes.
  public init(_ source: any RowSource, rows: Int = 32, strips: Int = 3) {
    layout = source.layout
    metadata = source.metadata
    let queue = StripQueue(StripSize(source.layout, rows: rows, strips: strips))
    self.queue = queue
    let producer = Handover(source: source)
    let height = layout.height
    thread = JoinableThread { queue.fill(from: producer.source, height: height) }
    if thread == nil { queue.fail(.system("starting a thread", errno: EAGAIN)) }
  }

  deinit {
    queue.cancel()
    thread?.join()
  }

  public func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    var done = 0
    while done < count {
      guard let strip = try queue.oldest() else { break }
      let copied = min(count - done, strip.rows - taken)
      (rows + done * layout.bytesPerRow).copyMemory(
        from: strip.start + taken * layout.bytesPerRow, byteCount: copied * layout.bytesPerRow)
      done += copied
      taken += copied
      if taken == strip.rows {
        queue.releaseOldest()
        taken = 0
      }
    }
    return done
  }
}

/// Gives a source to another thread.
///
/// Unchecked: from then on only that thread uses it.
private struct Handover: @unchecked Sendable {
  let source: any RowSource
}

/// A ring of strips between one thread that fills and one that empties.
///
/// Unchecked: the counters are only touched inside the monitor, a strip's memory only by the side
/// whose turn it is.
private final class StripQueue: @unchecked Sendable {
  private let size: StripSize
  private let memory: Scratch<UInt8>
  private let monitor = Monitor()
  // Strips that were filled and emptied since the beginning, and the rows in each place.
  private var filled = 0
  private var emptied = 0
  private var rowsIn: [Int]
  private var ended = false
  private var cancelled = false
  private var error: ImageError?

  init(_ size: StripSize) {
    self.size = size
    memory = Scratch(uninitialized: size.strips * size.stripBytes)
    rowsIn = Array(repeating: 0, count: size.strips)
  }

  // MARK: The thread that fills

  func fill(from source: any RowSource, height: Int) {
    var done = 0
    while done < height, let start = emptyStrip() {
      do throws(ImageError) {
        let got = try source.read(min(size.rows, height - done), into: start)
        if got <= 0 { break }
        done += got
        locked {
          rowsIn[filled % size.strips] = got
          filled += 1
        }
      } catch {
        fail(error)
        return
      }
    }
    locked { ended = true }
  }

  /// The next strip to fill, waited for; nil when nobody wants it.
  private func emptyStrip() -> UnsafeMutablePointer<UInt8>? {
    monitor.withLock {
      while filled - emptied == size.strips, !cancelled { monitor.wait() }
      return cancelled ? nil : memory.start + filled % size.strips * size.stripBytes
    }
  }

  /// Ends the queue with an error, which comes after the strips that are there.
  func fail(_ error: ImageError) {
    locked {
      self.error = error
      ended = true
    }
  }

  // MARK: The thread that empties

  /// The oldest filled strip, waited for; nil after the last.
  func oldest() throws(ImageError) -> (start: UnsafeRawPointer, rows: Int)? {
    try monitor.withLock { () throws(ImageError) -> (start: UnsafeRawPointer, rows: Int)? in
      while filled == emptied, !ended { monitor.wait() }
      if filled == emptied {
        if let error { throw error }
        return nil
      }
      let place = emptied % size.strips
      return (UnsafeRawPointer(memory.start + place * size.stripBytes), rowsIn[place])
    }
  }

  func releaseOldest() { locked { emptied += 1 } }
  func cancel() { locked { cancelled = true } }

  private func locked(_ change: () -> Void) {
    monitor.withLock {
      change()
      monitor.signal()
    }
  }
}
