import LoopInterface
import Loops
import Testing

@Suite struct PointTests {
  /// Lengths around those of registers and blocks.
  private static let counts = [1, 7, 8, 15, 16, 17, 63, 64, 65, 255, 256, 257, 700]

  private static func bytes(_ count: Int, seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 &+ $0 &* 97 &+ seed) }
  }

  private func forEachSet(_ body: (PointLoops, BoxLoops, Int) throws -> Void) throws {
    for set in InstructionSet.allCases where set <= .best {
      let table = try Loops.table(for: set)
      for count in Self.counts { try body(table.point, table.box, count) }
    }
  }

  @Test(arguments: [3, 4]) func lumaEqualsTheFormula(channels: Int) throws {
    try forEachSet { loops, _, count in
      let pixels = Self.bytes(count * channels, seed: 3)
      var luma = [UInt8](repeating: 7, count: count + 1)
      loops.lumaUInt8(pixels, channels, count, &luma)
      for x in 0..<count {
        let (red, green, blue) = (
          Int(pixels[x * channels]), Int(pixels[x * channels + 1]), Int(pixels[x * channels + 2])
        )
        #expect(Int(luma[x]) == (9798 * red + 19235 * green + 3735 * blue + 16384) / 32768)
      }
      #expect(luma[count] == 7)
    }
  }

  @Test(arguments: [3, 4]) func aChangeIsAddedAndClamped(channels: Int) throws {
    try forEachSet { loops, _, count in
      let pixels = Self.bytes(count * channels, seed: 5)
      let (old, new) = (Self.bytes(count, seed: 11), Self.bytes(count, seed: 200))
      var output = [UInt8](repeating: 7, count: count * channels + 1)
      loops.addChangeUInt8(pixels, channels, old, new, count, &output)
      for place in 0..<count * channels {
        let (x, channel) = place.quotientAndRemainder(dividingBy: channels)
        let sum = Int(pixels[place]) + Int(new[x]) - Int(old[x])
        let expected = channel == 3 ? Int(pixels[place]) : min(max(sum, 0), 255)
        #expect(Int(output[place]) == expected)
      }
      #expect(output[count * channels] == 7)
    }
  }

  @Test(arguments: [-1, 0, 99, 255]) func whatExceedsIsWhite(threshold: Int) throws {
    try forEachSet { loops, _, count in
      let samples = Self.bytes(count, seed: 1)
      var output = [UInt8](repeating: 7, count: count)
      loops.exceedsUInt8(samples, Int16(threshold), count, &output)
      #expect(output == samples.map { Int($0) > threshold ? 255 : 0 })
    }
  }

  @Test func fourBytesAreInterpolated() throws {
    try forEachSet { loops, _, count in
      let corners = (0..<4).map { Self.bytes(count, seed: 50 * $0) }
      let words = (0..<count).map { x in
        corners.indices.reduce(0) { $0 | UInt32(corners[$1][x]) << (8 * UInt32($1)) }
      }
      let right = (0..<count).map { Float($0 % 13) / 13 }
      let left = right.map { 1 - $0 }
      let (upper, lower): (Float, Float) = (0.375, 0.625)
      var output = [UInt8](repeating: 7, count: count)
      loops.interpolateBytes(words, left, right, upper, lower, count, &output)
      for x in 0..<count {
        let above = Float(corners[0][x]) * left[x] + Float(corners[1][x]) * right[x]
        let below = Float(corners[2][x]) * left[x] + Float(corners[3][x]) * right[x]
        let mean = above * upper + below * lower
        #expect(Float(output[x]) == mean.rounded(.toNearestOrEven))
      }
    }
  }

  @Test(arguments: [1, 6, 45]) func wideSumsAreAveraged(terms: Int) throws {
    try forEachSet { _, loops, count in
      // Rows that overlap, as those of a box's runs do.
      let sums = (0..<count + terms).map { UInt16(truncatingIfNeeded: $0 &* 2311 &+ 17) }
      let area = 271 * terms
      try sums.withUnsafeBufferPointer { sums in
        let start = try #require(sums.baseAddress)
        let rows = (0..<terms).map { start + $0 }
        var output = [UInt8](repeating: 7, count: count)
        loops.average32(rows, terms, count, 1 / Float(area), &output)
        for x in 0..<count {
          let sum = (x..<x + terms).reduce(0) { $0 + Int(sums[$1]) }
          #expect(Int(output[x]) == (2 * sum + area) / (2 * area))
        }
      }
    }
  }
}
