import Files
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
  private let size: StripSize
  private let memory: Scratch<UInt8>
  private let strips: OrderedPrefetcher<Result<Int, ImageError>>
  /// The number of the strip that is being handed over.
  private var current = 0
  /// Its rows that were handed over.
  private var taken = 0

  /// - Parameters:
  ///   - source: where rows come from; nobody else may use it from now on.
  ///   - rows: how many rows a strip has at most; rows that are very wide come fewer at a time.
  ///   - strips: how many strips are held at most; a single one where a row takes megabytes.
  public init(_ source: any RowSource, rows: Int = 32, strips: Int = 3) {
    layout = source.layout
    metadata = source.metadata
    let size = StripSize(source.layout, rows: rows, strips: strips)
    let memory = Scratch<UInt8>(uninitialized: size.strips * size.stripBytes)
    (self.size, self.memory) = (size, memory)
    let producer = Producer(source, size, memory)
    self.strips = OrderedPrefetcher(bound: size.strips, threads: 1) { producer.fill($0) }
  }

  public func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    var done = 0
    while done < count, let strip = strips.oldest() {
      let stripRows = try strip.get()
      let copied = min(count - done, stripRows - taken)
      let start = UnsafeRawPointer(memory.start + current % size.strips * size.stripBytes)
      (rows + done * layout.bytesPerRow).copyMemory(
        from: start + taken * layout.bytesPerRow, byteCount: copied * layout.bytesPerRow)
      done += copied
      taken += copied
      if taken == stripRows {
        strips.releaseOldest()
        current += 1
        taken = 0
      }
    }
    return done
  }
}

/// Fills strips of a ring with a source's rows.
///
/// Unchecked: only the prefetcher's one thread uses it; a strip's memory is only touched by the side whose
/// turn it is.
private final class Producer: @unchecked Sendable {
  private let source: any RowSource
  private let size: StripSize
  private let memory: Scratch<UInt8>
  private var rowsDone = 0
  private var hasFailed = false

  init(_ source: any RowSource, _ size: StripSize, _ memory: Scratch<UInt8>) {
    self.source = source
    self.size = size
    self.memory = memory
  }

  /// Fills a strip and returns how many rows it has; nil after the last one and after an error.
  func fill(_ strip: Int) -> Result<Int, ImageError>? {
    let wanted = min(size.rows, source.layout.height - rowsDone)
    guard wanted > 0, !hasFailed else { return nil }
    do throws(ImageError) {
      let count = try source.read(
        wanted, into: memory.start + strip % size.strips * size.stripBytes)
      rowsDone += count
      return count > 0 ? .success(count) : nil
    } catch {
      hasFailed = true
      return .failure(error)
    }
  }
}
