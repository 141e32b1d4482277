import Files
import Glibc
import Images
import Serving

/// Reads a request's body as an image's file.
final class BodySource {
  private let pull: (UnsafeMutableRawBufferPointer) throws -> Int
  /// Why the body could not be read on.
  private(set) var failure: (any Error)?

  init(_ exchange: Exchange) { pull = exchange.readBody }

  /// - Parameter pull: fills some of a buffer, and says how much; 0 at the end.
  init(pull: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) { self.pull = pull }

  /// The bytes; what the client did wrong is kept in ``failure``.
  var reader: ByteReader {
    ByteReader { [self] target throws(FileError) in
      do {
        return try pull(target)
      } catch {
        failure = error
        throw .system("cannot read the request", errno: EIO)
      }
    }
  }
}

extension BodySource {
  /// What a client is told of an error: how it sent the body, or what is wrong with the image.
  func problem(_ error: any Error) -> any Error {
    if let failure { return failure }
    if error is TakesLonger { return error }
    return Problem(error)
  }
}

/// Rows that are given up when nobody waits for them any more, and that step aside for smaller work: some 20
/// milliseconds' worth at a time.
final class YieldingRows: RowSource {
  private let source: any RowSource
  private let exchange: Exchange
  /// Whether they are the last of a chain, by which the work is measured.
  private let isLast: Bool
  private let mostRows: Int
  private var rowsAtOnce: Int
  private var done = 0

  private static let longest = 0.02

  init(_ source: any RowSource, _ exchange: Exchange, isLast: Bool = false) {
    self.source = source
    self.exchange = exchange
    self.isLast = isLast
    mostRows = max(1, (512 << 10) / max(1, source.layout.bytesPerRow))
    rowsAtOnce = min(mostRows, 16)
  }

  var layout: PixelLayout { source.layout }
  var metadata: Metadata { source.metadata }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    do throws(Cancelled) { try exchange.yield() } catch {
      throw .system("given up", errno: ECANCELED)
    }
    let start = MonotonicClock.seconds
    let got = try source.read(min(count, rowsAtOnce), into: rows)
    let time = MonotonicClock.seconds - start
    rowsAtOnce =
      time > Self.longest
      ? max(1, rowsAtOnce / 2)
      : time < Self.longest / 4 ? min(mostRows, rowsAtOnce * 2) : rowsAtOnce
    done += got
    if isLast { exchange.report(Double(done) / Double(max(1, layout.height))) }
    return got
  }
}

/// Writes an encoded file as the answer, which begins with the first bytes.
final class AnswerSink: ByteSink {
  private let exchange: Exchange
  private let type: MediaType
  private let fields: [(name: String, value: String)]
  private var bytes: [UInt8] = []
  private var hasBegun = false

  private static let chunk = 32 << 10

  init(_ exchange: Exchange, _ type: MediaType, fields: [(name: String, value: String)] = []) {
    self.exchange = exchange
    self.type = type
    self.fields = fields
    bytes.reserveCapacity(Self.chunk)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if self.bytes.count + bytes.count >= Self.chunk { try flush() }
    if bytes.count >= Self.chunk { return try send(bytes) }
    self.bytes.append(contentsOf: bytes)
  }

  /// Says that the file is whole.
  func finish() throws(FileError) {
    if !hasBegun {
      return exchange.respond(Response(type: type, fields: fields, body: bytes))
    }
    try flush()
    exchange.end()
  }

  private func flush() throws(FileError) {
    guard !bytes.isEmpty else { return }
    let result: Result<Void, FileError> = bytes.withUnsafeBytes { pointer in
      Result { () throws(FileError) in try send(pointer) }
    }
    try result.get()
    bytes.removeAll(keepingCapacity: true)
  }

  private func send(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if !hasBegun {
      hasBegun = true
      exchange.begin(type, fields: fields)
    }
    do throws(Cancelled) { try exchange.write(bytes) } catch {
      throw .system("given up", errno: ECANCELED)
    }
  }
}
