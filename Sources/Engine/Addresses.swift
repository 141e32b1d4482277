/// Where buffers are when steps are bound to them.
struct Addresses {
  private let pointers: [UnsafeMutableRawPointer]
  /// Memory that any step may use while it runs.
  let scratch: UnsafeMutableRawPointer

  init(_ pointers: [UnsafeMutableRawPointer], scratch: UnsafeMutableRawPointer) {
    self.pointers = pointers
    self.scratch = scratch
  }

  subscript(buffer: BufferID) -> UnsafeMutableRawPointer { pointers[buffer] }

  func floats(_ buffer: BufferID) -> UnsafeMutablePointer<Float> {
    pointers[buffer].assumingMemoryBound(to: Float.self)
  }
}
