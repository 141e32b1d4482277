import Loops

/// Floats on a multiple of 64 bytes, freed with their owner.
final class Floats {
  let start: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int) {
    self.count = count
    start = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(1, count))
    start.initialize(repeating: 0, count: count)
  }

  /// Numbers from −1 to 1, the same for the same seed.
  convenience init(_ count: Int, seed: UInt64) {
    self.init(count)
    var state = seed
    for index in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      start[index] = Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  subscript(index: Int) -> Float {
    get { start[index] }
    set { start[index] = newValue }
  }

  func dot(_ other: Floats) -> Double {
    (0..<count).reduce(0) { $0 + Double(self[$1]) * Double(other[$1]) }
  }
}

extension InstructionSet {
  /// Those that this machine has.
  static var available: [InstructionSet] { allCases.filter { $0 <= best } }
}
