import Glibc

/// Bytes that come one after the other, from an open file, a pipe or memory.
package final class ByteReader {
  private let descriptor: Int32?
  private let closesDescriptor: Bool
  private let memory: [UInt8]
  /// Fills some of a buffer and says how much; 0 at the end.
  private let pull: ((UnsafeMutableRawBufferPointer) throws(FileError) -> Int)?
  private let buffer: UnsafeMutableRawBufferPointer
  private var position = 0
  private var end = 0
  private var memoryPosition = 0

  private static let bufferSize = 128 << 10

  /// Reads a file; it is closed with the reader.
  package convenience init(path: String) throws(FileError) {
    try self.init(pathBytes: Array(path.utf8))
  }

  /// The same for a path of any bytes.
  package init(pathBytes: [UInt8]) throws(FileError) {
    let descriptor = Glibc.open(cString(pathBytes), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot open", errno: errno) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw .system("cannot read", errno: EISDIR)
    }
    _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    self.descriptor = descriptor
    closesDescriptor = true
    memory = []
    pull = nil
    buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
  }

  /// Reads an open file or pipe from where it stands; the caller closes it.
  package init(fileDescriptor: Int32) {
    descriptor = fileDescriptor
    closesDescriptor = false
    memory = []
    pull = nil
    buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
  }

  /// Reads bytes in memory.
  package init(bytes: [UInt8]) {
    descriptor = nil
    closesDescriptor = false
    memory = bytes
    pull = nil
    buffer = .allocate(byteCount: min(Self.bufferSize, max(bytes.count, 64)), alignment: 64)
  }

  /// Reads what a closure gives, which fills some of a buffer and says how much, or 0 at the end.
  package init(pull: @escaping (UnsafeMutableRawBufferPointer) throws(FileError) -> Int) {
    descriptor = nil
    closesDescriptor = false
    memory = []
    self.pull = pull
    buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
  }

  deinit {
    buffer.deallocate()
    if closesDescriptor, let descriptor { close(descriptor) }
  }

  /// The bytes at hand without reading more; empty only at the end. They stay valid until the next
  /// call of any other method than ``consume(_:)``.
  package func available() throws(FileError) -> UnsafeRawBufferPointer {
    if position == end {
      position = 0
      end = 0
      try refill()
    }
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[position..<end])
  }

  /// Passes over bytes that ``available()`` showed.
  package func consume(_ count: Int) { position += count }

  /// The next bytes, at most `count` and fewer only at the end, without passing over them.
  package func peek(_ count: Int) throws(FileError) -> [UInt8] {
    if end - position < count, position > 0 {
      let left = end - position
      if left > 0, let base = buffer.baseAddress { memmove(base, base + position, left) }
      position = 0
      end = left
    }
    while end - position < count {
      let before = end
      try refill()
      if end == before { break }
    }
    return Array(buffer[position..<min(end, position + count)])
  }

  /// Copies the next bytes; fewer than asked for only at the end.
  package func read(into destination: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var copied = 0
    while copied < destination.count {
      let bytes = try available()
      if bytes.isEmpty { break }
      let count = min(bytes.count, destination.count - copied)
      UnsafeMutableRawBufferPointer(rebasing: destination[copied..<copied + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      consume(count)
      copied += count
    }
    return copied
  }

  /// The next `count` bytes, or fewer at the end. Memory is taken as the bytes come, so that a length
  /// that a damaged file claims costs nothing.
  package func read(_ count: Int) throws(FileError) -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count {
      let bytes = try available()
      if bytes.isEmpty { break }
      let taken = min(bytes.count, count - result.count)
      result.append(contentsOf: bytes[..<taken])
      consume(taken)
    }
    return result
  }

  /// Bytes that lie so many behind the next one, without passing over anything; fewer at the end. Nil where that is not
  /// possible, as in a pipe.
  package func bytes(at offset: Int, _ count: Int) -> [UInt8]? {
    if pull != nil { return nil }
    guard let descriptor else {
      let start = min(memory.count, memoryPosition - (end - position) + offset)
      return Array(memory[start..<min(memory.count, start + count)])
    }
    let here = lseek(descriptor, 0, SEEK_CUR)
    guard here >= 0 else { return nil }
    let start = here - (end - position) + offset
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, start))
    }
  }

  /// Adds what one system call gives to the end of the buffer.
  private func refill() throws(FileError) {
    let room = buffer.count - end
    guard room > 0, let base = buffer.baseAddress else { return }
    if let pull {
      end += try pull(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
      return
    }
    guard let descriptor else {
      let count = min(room, memory.count - memoryPosition)
      memory.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
          .copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[memoryPosition..<memoryPosition + count]))
      }
      memoryPosition += count
      end += count
      return
    }
    while true {
      let count = Glibc.read(descriptor, base + end, room)
      if count >= 0 {
        end += count
        return
      }
      if errno != EINTR { throw .system("cannot read", errno: errno) }
    }
  }
}
