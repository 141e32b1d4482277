import Files

/// What the C side reads from; keeps the error that the callback cannot pass on.
final class JPEGInput {
  let reader: ByteReader
  let cancellation: Cancellation?
  var failure: ImageError?

  init(_ reader: ByteReader, _ cancellation: Cancellation?) {
    self.reader = reader
    self.cancellation = cancellation
  }
}

/// Asked between two rows of blocks, of which a progressive image has many before its first row comes.
func isJPEGWanted(_ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let context else { return 1 }
  let input = Unmanaged<JPEGInput>.fromOpaque(context).takeUnretainedValue()
  guard input.cancellation?.isCancelled == true else { return 1 }
  input.failure = .cancelled
  return 0
}

/// Fills a buffer for C.
func readJPEGBytes(
  _ context: UnsafeMutableRawPointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ capacity: Int
) -> Int {
  guard let context, let buffer else { return -1 }
  let input = Unmanaged<JPEGInput>.fromOpaque(context).takeUnretainedValue()
  do throws(FileError) {
    return try input.reader.read(
      into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
  } catch {
    input.failure = ImageError(error)
    return -1
  }
}
