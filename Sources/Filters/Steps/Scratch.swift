/// Memory that a worker keeps from row to row, aligned for vectors.
final class Scratch<Element: BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  /// `count` elements, all `value`.
  convenience init(_ count: Int, filledWith value: Element) {
    self.init(uninitialized: count)
    start.initialize(repeating: value, count: count)
  }

  /// `count` elements to be written before they are read: pages that never are take no memory.
  init(uninitialized count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Element>.stride, alignment: 64)
    start = bytes.bindMemory(to: Element.self, capacity: max(1, count))
    self.count = count
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}
