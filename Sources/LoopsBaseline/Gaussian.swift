import CProcessor
import LoopInterface

func makeGaussianLoops() -> GaussianLoops {
  GaussianLoops(segments: laneCount, row: row, columns: columns)
}

/// Four words, each four samples.
private typealias Quad = SIMD4<UInt32>

// The caller's memory is as large as `GaussianLoops` says; all addresses lie within.

private func row(
  _ samples: UnsafePointer<UInt8>, _ step: Int, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ length: Int, _ numbers: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>
) {
  spread(samples, length, length &+ 2 &* pairs &* step, numbers)
  let numbers = lanes(numbers)
  let sums = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: Lanes.self)
  var first = 0
  while first < length {
    for channel in 0..<step {
      let place = first &+ channel
      let center = numbers + (place &+ pairs &* step)
      let four = fourSums(weights, pairs) { center[$0 &* step] }
      sums[place] = four.0
      sums[place &+ step] = four.1
      sums[place &+ 2 &* step] = four.2
      sums[place &+ 3 &* step] = four.3
    }
    first &+= 4 &* step
  }
}

/// Gives each segment a lane: the first `count` samples of segments that begin `length` apart.
@inline(__always)
private func spread(
  _ samples: UnsafePointer<UInt8>, _ length: Int, _ count: Int,
  _ numbers: UnsafeMutablePointer<Float>
) {
  let target = UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Lanes.self)
  var first = 0
  while first < count {
    // The words of four segments from one of them on.
    @inline(__always)
    func words(_ segment: Int) -> (Quad, Quad, Quad, Quad) {
      @inline(__always)
      func quad(_ index: Int) -> Quad {
        UnsafeRawPointer(samples + ((segment &+ index) &* length &+ first))
          .loadUnaligned(as: Quad.self)
      }
      return turned(quad(0), quad(1), quad(2), quad(3))
    }
    @inline(__always)
    func put(_ word: Words, _ index: Int) {
      let (place, byte) = (target + (first &+ 4 &* index), Words(repeating: 255))
      place[0] = number(word & byte)
      place[1] = number(word &>> 8 & byte)
      place[2] = number(word &>> 16 & byte)
      place[3] = number(word &>> 24)
    }
    let (a, b) = (words(0), words(4))
    #if AVX512
      let (c, d) = (words(8), words(12))
      put(joined(a.0, b.0, c.0, d.0), 0)
      put(joined(a.1, b.1, c.1, d.1), 1)
      put(joined(a.2, b.2, c.2, d.2), 2)
      put(joined(a.3, b.3, c.3, d.3), 3)
    #else
      put(Words(lowHalf: a.0, highHalf: b.0), 0)
      put(Words(lowHalf: a.1, highHalf: b.1), 1)
      put(Words(lowHalf: a.2, highHalf: b.2), 2)
      put(Words(lowHalf: a.3, highHalf: b.3), 3)
    #endif
    first &+= 16
  }
}

#if AVX512
  @inline(__always)
  private func joined(_ a: Quad, _ b: Quad, _ c: Quad, _ d: Quad) -> Words {
    Words(lowHalf: SIMD8(lowHalf: a, highHalf: b), highHalf: SIMD8(lowHalf: c, highHalf: d))
  }
#endif

private func columns(
  _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ length: Int, _ count: Int, _ outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>
) {
  let center = rows + pairs
  let rowsAtATime = GaussianLoops.rowsAtATime
  withUnsafeTemporaryAllocation(of: Words.self, capacity: 4 * rowsAtATime) { memory in
    guard let words = memory.baseAddress else { return }
    for first in stride(from: 0, to: length, by: 16) {
      if first & 63 == 0 { fetchLines(outputs, first, length) }
      let samples = min(16, length &- first)
      for index in 0..<samples / 4 {
        var (word0, word1, word2, word3) = (Words(), Words(), Words(), Words())
        for byte in 0..<4 {
          let place = first &+ 4 &* index &+ byte
          let four = fourSums(weights, pairs) { lanes(center[$0])[place] }
          let shift = Words(repeating: UInt32(truncatingIfNeeded: 8 &* byte))
          word0 = word0 | rounded(four.0) &<< shift
          word1 = word1 | rounded(four.1) &<< shift
          word2 = word2 | rounded(four.2) &<< shift
          word3 = word3 | rounded(four.3) &<< shift
        }
        words[index] = word0
        words[4 &+ index] = word1
        words[8 &+ index] = word2
        words[12 &+ index] = word3
      }
      for row in 0..<rowsAtATime {
        gather(words + 4 &* row, outputs[row] + first, length, samples, count &- first)
      }
    }
  }
}

/// Asks for the next cache line of each segment: there are more than a processor follows by itself.
@inline(__always)
private func fetchLines(
  _ outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>, _ first: Int, _ length: Int
) {
  for row in 0..<GaussianLoops.rowsAtATime {
    for segment in 0..<laneCount {
      processor_fetch_to_write(outputs[row], segment &* length &+ first &+ 128)
    }
  }
}

/// Gives samples of each segment back their places: `count` in every segment, as many as are `left` in the row.
@inline(__always)
private func gather(
  _ words: UnsafePointer<Words>, _ output: UnsafeMutablePointer<UInt8>, _ length: Int, _ count: Int,
  _ left: Int
) {
  for segment in stride(from: 0, to: laneCount, by: 4) {
    @inline(__always)
    func quad(_ index: Int) -> Quad {
      UnsafeRawPointer(words + index).loadUnaligned(fromByteOffset: 4 &* segment, as: Quad.self)
    }
    let four = turned(quad(0), quad(1), quad(2), quad(3))
    @inline(__always)
    func put(_ samples: Quad, _ index: Int) {
      let place = (segment &+ index) &* length
      store(samples, output + place, min(count, left &- place))
    }
    put(four.0, 0)
    put(four.1, 1)
    put(four.2, 2)
    put(four.3, 3)
  }
}

/// Weighted sums around four neighbors. Their windows share nearly all they read: going from one k to
/// the next, only the outermost values are new.
///
/// - Parameter value: what lies so far after the first of the four.
@inline(__always)
private func fourSums(
  _ weights: UnsafePointer<Float>, _ pairs: Int, _ value: (Int) -> Lanes
) -> (Lanes, Lanes, Lanes, Lanes) {
  var (above0, above1, above2, above3) = (value(0), value(1), value(2), value(3))
  var (below0, below1, below2, below3) = (above0, above1, above2, above3)
  let weight = Lanes(repeating: weights[0])
  var sums = (weight * above0, weight * above1, weight * above2, weight * above3)
  @inline(__always)
  func add(
    _ k: Int, _ above: (Lanes, Lanes, Lanes, Lanes), _ below: (Lanes, Lanes, Lanes, Lanes)
  ) {
    let weight = Lanes(repeating: weights[k])
    sums.0 = fused(sums.0, weight, above.0 + below.0)
    sums.1 = fused(sums.1, weight, above.1 + below.1)
    sums.2 = fused(sums.2, weight, above.2 + below.2)
    sums.3 = fused(sums.3, weight, above.3 + below.3)
  }
  var k = 1
  // After four steps all values are new, so that none has to move from register to register.
  while k &+ 3 <= pairs {
    let (a, b) = (value(0 &- k), value(3 &+ k))
    add(k, (a, above0, above1, above2), (below1, below2, below3, b))
    let (c, d) = (value(-1 &- k), value(4 &+ k))
    add(k &+ 1, (c, a, above0, above1), (below2, below3, b, d))
    let (e, f) = (value(-2 &- k), value(5 &+ k))
    add(k &+ 2, (e, c, a, above0), (below3, b, d, f))
    let (g, h) = (value(-3 &- k), value(6 &+ k))
    add(k &+ 3, (g, e, c, a), (b, d, f, h))
    (above0, above1, above2, above3) = (g, e, c, a)
    (below0, below1, below2, below3) = (b, d, f, h)
    k &+= 4
  }
  while k <= pairs {
    (above3, above2, above1, above0) = (above2, above1, above0, value(0 &- k))
    (below0, below1, below2, below3) = (below1, below2, below3, value(3 &+ k))
    add(k, (above0, above1, above2, above3), (below0, below1, below2, below3))
    k &+= 1
  }
  return sums
}

@inline(__always)
private func lanes(_ numbers: UnsafePointer<Float>) -> UnsafePointer<Lanes> {
  UnsafeRawPointer(numbers).assumingMemoryBound(to: Lanes.self)
}

/// Whole numbers below 2^23: set as the low bits of 2^23, which is then taken away. (A conversion is
/// compiled to sixteen single ones.)
@inline(__always)
private func number(_ bits: Words) -> Lanes {
  unsafeBitCast(bits | Words(repeating: 0x4B00_0000), to: Lanes.self)
    - Lanes(repeating: 8_388_608)
}

/// Numbers in 0…255 as samples, rounded half to even: 1.5 · 2^23 rounds into the low bits.
@inline(__always)
private func rounded(_ numbers: Lanes) -> Words {
  unsafeBitCast(numbers + Lanes(repeating: 12_582_912), to: Words.self) & Words(repeating: 255)
}

/// Stores sixteen samples, or as many as are left of a row.
@inline(__always)
private func store(_ samples: Quad, _ output: UnsafeMutablePointer<UInt8>, _ left: Int) {
  let output = UnsafeMutableRawPointer(output)
  if left >= 16 {
    output.storeBytes(of: samples, as: Quad.self)
  } else if left > 0 {
    withUnsafeBytes(of: samples) { bytes in
      if let base = bytes.baseAddress { output.copyMemory(from: base, byteCount: left) }
    }
  }
}
