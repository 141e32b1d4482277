/// Floats that a step keeps for itself.
final class Scratch {
  let address: UnsafeMutablePointer<Float>
  let count: Int

  init(floats: Int) {
    count = floats
    address = .allocate(capacity: max(1, floats))
    address.initialize(repeating: 0, count: max(1, floats))
  }

  deinit { address.deallocate() }
}
