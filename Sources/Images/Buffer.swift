import Glibc

/// Bytes that belong to one object and go with it. All zero at first; never empty.
///
/// Unchecked: whoever holds it sees to it that one thread at a time uses it.
final class Buffer: @unchecked Sendable {
  let start: UnsafeMutablePointer<UInt8>
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    let count = max(byteCount, 1)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    memset(raw, 0, count)
    start = raw.bindMemory(to: UInt8.self, capacity: count)
    bytes = UnsafeMutableRawBufferPointer(start: raw, count: count)
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  func clear() { memset(start, 0, bytes.count) }
}
