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
      do { return try pull(target) } catch {
        failure = error
        throw .system("cannot read the request", errno: EIO)
      }
    }
  }
}

/// Rows of a decoder, given up when nobody waits for them any more, and stepping aside for smaller work.
final class YieldingRows: RowSource {
  private let source: any RowSource
  private let exchange: Exchange
  private let rowsAtOnce: Int

  init(_ source: any RowSource, _ exchange: Exchange) {
    self.source = source
    self.exchange = exchange
    rowsAtOnce = max(1, (512 << 10) / max(1, source.layout.bytesPerRow))
  }

  var layout: PixelLayout { source.layout }
  var metadata: Metadata { source.metadata }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    do throws(Cancelled) { try exchange.yield() } catch {
      throw .system("given up", errno: ECANCELED)
    }
    return try source.read(min(count, rowsAtOnce), into: rows)
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
