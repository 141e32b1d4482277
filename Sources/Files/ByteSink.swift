import Glibc

/// Takes the bytes of an encoded file, in order.
public protocol ByteSink: AnyObject {
  /// Takes all of `bytes`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError)
}

extension ByteSink {
  package func write(_ bytes: [UInt8]) throws(FileError) {
    // The closure's error is typed by hand, since `withUnsafeBytes` of an array rethrows any error.
    let result: Result<Void, FileError> = bytes.withUnsafeBytes { pointer in
      do throws(FileError) { return .success(try write(pointer)) } catch { return .failure(error) }
    }
    try result.get()
  }
}

/// An encoded file in memory.
public final class MemorySink: ByteSink {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public func write(_ bytes: UnsafeRawBufferPointer) {
    self.bytes.append(contentsOf: bytes)
  }
}

/// Writes to an open file or pipe, standard output for example; the caller closes it.
public final class FileDescriptorSink: ByteSink {
  private let descriptor: Int32

  public init(fileDescriptor: Int32) { descriptor = fileDescriptor }

  public static var standardOutput: FileDescriptorSink {
    FileDescriptorSink(fileDescriptor: STDOUT_FILENO)
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try writeAll(bytes, to: descriptor)
  }
}

/// Writes all bytes, however many calls that takes.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(FileError) {
  guard let base = bytes.baseAddress else { return }
  var written = 0
  while written < bytes.count {
    let count = Glibc.write(descriptor, base + written, bytes.count - written)
    if count > 0 {
      written += count
    } else if count < 0, errno != EINTR {
      throw .system("cannot write", errno: errno)
    }
  }
}
