import CCodecs
import Files
import Glibc

/// The decompressed contents of a PNG's IDAT chunks, as one stream.
final class PNGData {
  private let reader: ByteReader
  private let inflater: Inflater
  private var left: Int
  private var sum = PNGData.typeSum
  private var chunksEnded = false
  private var streamEnded = false
  /// The chunk after the last IDAT.
  private var next: PNGChunk?

  /// The CRC-32 of the letters IDAT, with which each chunk's checksum begins.
  private static let typeSum = vision_crc32(0, Array("IDAT".utf8), 4)

  /// - Parameter length: of the first IDAT chunk, whose contents are next in `reader`.
  init(_ reader: ByteReader, length: Int) throws(ImageError) {
    self.reader = reader
    inflater = try withImageErrors(try Inflater())
    left = length
  }

  /// Fills `output`; throws when the data end before that.
  ///
  /// `filled` tells how many bytes there are, also when it throws.
  func read(
    into output: UnsafeMutableRawBufferPointer, filled: inout Int
  ) throws(ImageError) {
    while filled < output.count {
      if streamEnded { throw .corrupt("fewer image data than its size asks for") }
      try fill(UnsafeMutableRawBufferPointer(rebasing: output[filled...]), &filled)
    }
  }

  /// Reads what comes after the last row: the rest of the compressed data, its checksum, and the
  /// chunks to IEND. Returns whether there were more image data than needed.
  func finish() throws(ImageError) -> Bool {
    var surplus = 0
    try withUnsafeTemporaryBuffer(256) { buffer throws(ImageError) in
      while !streamEnded { try fill(buffer, &surplus) }
    }
    while !chunksEnded {
      try advance()
      let bytes = try withImageErrors(try reader.available())
      if bytes.isEmpty { throw .truncated("the file ends in its image data") }
      if chunksEnded { break }
      take(min(bytes.count, left), of: bytes)
      surplus += 1
    }
    while let chunk = next {
      if chunk.isCritical, !["IDAT", "PLTE", "IEND"].contains(chunk.type) {
        throw .unsupported("critical chunk \(chunk.type)")
      }
      try PNGHeader.skip(chunk, from: reader)
      if chunk.type == "IEND" { break }
      next = try PNGHeader.readChunk(from: reader)
    }
    return surplus > 0
  }

  /// One step of the inflater.
  private func fill(
    _ output: UnsafeMutableRawBufferPointer, _ filled: inout Int
  ) throws(ImageError) {
    // The inflater may hold back output although all input was taken.
    if left == 0, try run(UnsafeRawBufferPointer(start: nil, count: 0), output, &filled) { return }
    try advance()
    if chunksEnded { throw .truncated("the image data end early") }
    let bytes = try withImageErrors(try reader.available())
    if bytes.isEmpty { throw .truncated("the file ends in its image data") }
    let input = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, left)])
    guard try run(input, output, &filled) else {
      throw .corrupt("the compressed image data lead nowhere")
    }
  }

  /// Inflates; returns whether that got anywhere.
  private func run(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ filled: inout Int
  ) throws(ImageError) -> Bool {
    let step = inflater.run(input, into: output)
    take(step.consumed, of: input)
    filled += step.produced
    switch step.status {
    case .done: streamEnded = true
    case .corrupt: throw .corrupt("the compressed image data are no zlib stream")
    case .wrongChecksum: throw .corrupt("wrong checksum of the image data")
    case .more: break
    }
    return streamEnded || step.consumed > 0 || step.produced > 0
  }

  private func take(_ count: Int, of bytes: UnsafeRawBufferPointer) {
    guard count > 0 else { return }
    sum = vision_crc32(sum, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, count)
    reader.consume(count)
    left -= count
  }

  /// Goes on to the next IDAT chunk with contents when this one is used up.
  private func advance() throws(ImageError) {
    while left == 0, !chunksEnded {
      let stored = try withImageErrors(try reader.read(4))
      guard stored.count == 4 else { throw .truncated("the file ends in its image data") }
      guard sum == bigEndian32(stored, at: 0) else {
        throw .corrupt("wrong checksum of chunk IDAT")
      }
      let chunk = try PNGHeader.readChunk(from: reader)
      if chunk.type == "IDAT" {
        left = chunk.length
        sum = Self.typeSum
      } else {
        next = chunk
        chunksEnded = true
      }
    }
  }
}

/// Calls `body` with a small buffer on the stack.
private func withUnsafeTemporaryBuffer(
  _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(ImageError) -> Void
) throws(ImageError) {
  var result: Result<Void, ImageError> = .success(())
  withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { buffer in
    do throws(ImageError) { try body(buffer) } catch { result = .failure(error) }
  }
  try result.get()
}
