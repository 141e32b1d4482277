import Glibc

/// A piece of memory on page boundaries, in huge pages where the system grants them, zeroed.
final class Memory {
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) throws(EngineError) {
    // Rounded to huge pages, so that touching it for the first time costs little.
    let hugePage = 2 << 20
    let isLarge = byteCount >= hugePage
    let unit = isLarge ? hugePage : 4096
    guard byteCount < Int.max / 4 else { throw .outOfMemory(bytes: byteCount) }
    if byteCount >= Self.large, byteCount > availableMemory() {
      throw .outOfMemory(bytes: byteCount)
    }
    let size = max(1, (byteCount + unit - 1) / unit) * unit
    guard
      let mapped = mmap(
        nil, size + (isLarge ? hugePage : 0), PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), mapped != MAP_FAILED
    else { throw .outOfMemory(bytes: byteCount) }
    mapping = mapped
    mappedBytes = size + (isLarge ? hugePage : 0)
    let misplaced = Int(bitPattern: mapped) % unit
    address = mapped + (misplaced == 0 ? 0 : unit - misplaced)
    self.byteCount = size
    if isLarge { madvise(address, size, MADV_HUGEPAGE) }
  }

  /// From how many bytes on it is asked whether there are as many.
  private static let large = 64 << 20

  deinit { munmap(mapping, mappedBytes) }

  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int
}
