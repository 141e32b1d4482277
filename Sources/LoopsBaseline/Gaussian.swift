import LoopInterface

func makeGaussianLoops() -> GaussianLoops {
  GaussianLoops(row: row, columns: columns)
}

private typealias Lanes = SIMD16<Float>
/// Four samples in each lane.
private typealias Words = SIMD16<UInt32>

private func row(
  _ centre: UnsafePointer<UInt8>, _ step: Int, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ blocks: Int, _ sums: UnsafeMutablePointer<Float>
) {
  let (bytes, half) = (Words(repeating: 0x00FF_00FF), Words(repeating: 0xFFFF))
  for block in 0..<blocks {
    let middle = centre + 64 &* block
    let weight = Lanes(repeating: weights[0])
    let samples = words(middle)
    let (even, odd) = (samples & bytes, (samples &>> 8) & bytes)
    var sum0 = weight * number(even & half)
    var sum1 = weight * number(odd & half)
    var sum2 = weight * number(even &>> 16)
    var sum3 = weight * number(odd &>> 16)
    var (before, after) = (middle, middle)
    var k = 1
    while k <= pairs {
      before = before - step
      after = after + step
      // Two samples add up to nine bits, so the halves of a word do not meet.
      let (a, b) = (words(before), words(after))
      let even = (a & bytes) &+ (b & bytes)
      let odd = ((a &>> 8) & bytes) &+ ((b &>> 8) & bytes)
      let weight = Lanes(repeating: weights[k])
      sum0 = sum0 + weight * number(even & half)
      sum1 = sum1 + weight * number(odd & half)
      sum2 = sum2 + weight * number(even &>> 16)
      sum3 = sum3 + weight * number(odd &>> 16)
      k &+= 1
    }
    let place = UnsafeMutableRawPointer(sums + 64 &* block)
    place.storeBytes(of: sum0, as: Lanes.self)
    place.storeBytes(of: sum1, toByteOffset: 64, as: Lanes.self)
    place.storeBytes(of: sum2, toByteOffset: 128, as: Lanes.self)
    place.storeBytes(of: sum3, toByteOffset: 192, as: Lanes.self)
  }
}

private func columns(
  _ rows: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ pairs: Int,
  _ count: Int, _ outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>
) {
  let centre = rows + pairs
  var x = 0
  while x < count {
    var (output0, output1, output2, output3) = (Words(), Words(), Words(), Words())
    var phase = 0
    while phase < 4 {
      let place = x &+ 16 &* phase
      // The rows `k` above and `k` below those of the four outputs; going from one k to the next,
      // only the outermost are new.
      var (above0, above1) = (lanes(centre[0] + place), lanes(centre[1] + place))
      var (above2, above3) = (lanes(centre[2] + place), lanes(centre[3] + place))
      var (below0, below1, below2, below3) = (above0, above1, above2, above3)
      let weight = Lanes(repeating: weights[0])
      var (sum0, sum1) = (weight * above0, weight * above1)
      var (sum2, sum3) = (weight * above2, weight * above3)
      var k = 1
      while k <= pairs {
        (above3, above2, above1, above0) = (above2, above1, above0, lanes(centre[0 &- k] + place))
        (below0, below1, below2, below3) = (below1, below2, below3, lanes(centre[3 &+ k] + place))
        let weight = Lanes(repeating: weights[k])
        sum0 = sum0 + weight * (above0 + below0)
        sum1 = sum1 + weight * (above1 + below1)
        sum2 = sum2 + weight * (above2 + below2)
        sum3 = sum3 + weight * (above3 + below3)
        k &+= 1
      }
      let shift = Words(repeating: UInt32(truncatingIfNeeded: 8 &* phase))
      output0 = output0 | rounded(sum0) &<< shift
      output1 = output1 | rounded(sum1) &<< shift
      output2 = output2 | rounded(sum2) &<< shift
      output3 = output3 | rounded(sum3) &<< shift
      phase &+= 1
    }
    let left = count &- x
    store(output0, outputs[0] + x, left)
    store(output1, outputs[1] + x, left)
    store(output2, outputs[2] + x, left)
    store(output3, outputs[3] + x, left)
    x &+= 64
  }
}

@inline(__always)
private func words(_ samples: UnsafePointer<UInt8>) -> Words {
  UnsafeRawPointer(samples).loadUnaligned(as: Words.self)
}

@inline(__always)
private func lanes(_ numbers: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(numbers).loadUnaligned(as: Lanes.self)
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

/// Stores a block of samples, or as many as are left of a row.
@inline(__always)
private func store(_ samples: Words, _ output: UnsafeMutablePointer<UInt8>, _ left: Int) {
  let output = UnsafeMutableRawPointer(output)
  if left >= 64 {
    output.storeBytes(of: samples, as: Words.self)
  } else {
    withUnsafeBytes(of: samples) { bytes in
      if let base = bytes.baseAddress { output.copyMemory(from: base, byteCount: left) }
    }
  }
}
