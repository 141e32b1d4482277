import Glibc

/// A reproducible source of random numbers: a value that can be saved, restored and split.
///
/// The state is a seed, a stream and a counter of Philox blocks (four 32-bit words each). Every
/// draw begins a new block and takes as many as it needs, so that the state after a draw does
/// not depend on the numbers that came out.
public struct RandomSource: Hashable, Sendable, Codable {
  /// What the user gave; all streams of one seed are independent.
  public let seed: UInt64
  /// Which of the seed's sequences this is.
  public let stream: UInt64
  /// The number of the next block.
  public var counter: UInt64

  public init(seed: UInt64, stream: UInt64 = 0, counter: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.counter = counter
  }

  /// An independent stream of the same seed, named. It depends on this source's seed and stream
  /// and on the name, not on how much was drawn.
  public func split(_ name: String) -> RandomSource {
    // FNV-1a (Fowler, Noll, Vo) of the name, mixed with the parent's stream by the generator.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let mixed = Self(seed: seed ^ 0x5be0_cd19_137e_2179, stream: stream, counter: hash).block(at: 0)
    return RandomSource(seed: seed, stream: UInt64(mixed[0]) | UInt64(mixed[1]) << 32)
  }

  /// The four words `offset` blocks after the present place, which stays as it is.
  public func block(at offset: UInt64) -> SIMD4<UInt32> {
    let position = counter &+ offset
    return Philox.block(
      counter: SIMD4(Self.low(position), Self.high(position), Self.low(stream), Self.high(stream)),
      key: SIMD2(Self.low(seed), Self.high(seed)))
  }

  /// Passes over the blocks that `count` numbers of `fillUniform` or `fillNormal` take.
  public mutating func skip(numbers count: Int) {
    counter &+= UInt64((count + 3) / 4)
  }

  private static func low(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value) }
  private static func high(_ value: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: value >> 32) }
}

// MARK: - Uniform numbers

extension RandomSource {
  /// Uniform in [0, 1), one of 2²⁴ equally spaced values.
  public static func uniform(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }

  /// One number, uniform in [0, 1).
  public mutating func uniform() -> Float {
    defer { counter &+= 1 }
    return Self.uniform(block(at: 0)[0])
  }

  /// One number, uniform between the bounds.
  public mutating func uniform(_ lower: Float, _ upper: Float) -> Float {
    lower + (upper - lower) * uniform()
  }

  /// Numbers uniform in [0, 1), four to a block.
  public mutating func fillUniform(_ target: UnsafeMutableBufferPointer<Float>) {
    fill(target) { words in
      SIMD4(
        Self.uniform(words[0]), Self.uniform(words[1]), Self.uniform(words[2]),
        Self.uniform(words[3]))
    }
  }

  /// A whole number, uniform in 0 ..< bound.
  ///
  /// - Precondition: `bound` is positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "an integer below \(bound) does not exist")
    // The high half of a 64-bit word times the bound; the bias is below bound / 2⁶⁴.
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The numbers 0 ..< count in random order (Fisher–Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }
}

// MARK: - Normal numbers

extension RandomSource {
  /// Two independent standard normal numbers from two words.
  ///
  /// G. E. P. Box, M. E. Muller: *A Note on the Generation of Random Normal Deviates*. 1958.
  public static func normals(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
    // In (0, 1], so that the logarithm is finite.
    let radius = (-2 * logf((Float(first >> 8) + 1) * 0x1p-24)).squareRoot()
    let angle = 2 * Float.pi * uniform(second)
    return (radius * cosf(angle), radius * sinf(angle))
  }

  /// One standard normal number.
  public mutating func normal() -> Float {
    defer { counter &+= 1 }
    let words = block(at: 0)
    return Self.normals(words[0], words[1]).0
  }

  /// Standard normal numbers, four to a block.
  public mutating func fillNormal(_ target: UnsafeMutableBufferPointer<Float>) {
    fill(target) { words in
      let (a, b) = Self.normals(words[0], words[1])
      let (c, d) = Self.normals(words[2], words[3])
      return SIMD4(a, b, c, d)
    }
  }

  @inline(__always)
  private mutating func fill(
    _ target: UnsafeMutableBufferPointer<Float>, _ numbers: (SIMD4<UInt32>) -> SIMD4<Float>
  ) {
    var index = 0
    while index < target.count {
      let four = numbers(block(at: 0))
      counter &+= 1
      for lane in 0..<min(4, target.count - index) { target[index + lane] = four[lane] }
      index += 4
    }
  }
}

extension RandomSource: RandomNumberGenerator {
  /// 64 random bits.
  public mutating func next() -> UInt64 {
    defer { counter &+= 1 }
    let words = block(at: 0)
    return UInt64(words[0]) | UInt64(words[1]) << 32
  }
}
