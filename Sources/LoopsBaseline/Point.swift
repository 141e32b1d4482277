import LoopInterface

func makePointLoops() -> PointLoops {
  PointLoops(
    lumaUInt8: lumaUInt8, addChangeUInt8: addChangeUInt8, exceedsUInt8: exceedsUInt8,
    interpolateBytes: interpolateBytes)
}

private func lumaUInt8(
  _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
  _ luma: UnsafeMutablePointer<UInt8>
) {
  // Colors apart first: LLVM takes bytes apart in registers, and wider numbers one by one.
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * blockLength) { memory in
    guard let red = memory.baseAddress else { return }
    let (green, blue) = (red + blockLength, red + 2 * blockLength)
    for first in stride(from: 0, to: count, by: blockLength) {
      let block = min(blockLength, count &- first)
      let (from, to) = (pixels + channels &* first, luma + first)
      if channels == 3 {
        for x in 0..<block {
          (red[x], green[x], blue[x]) = (from[3 &* x], from[3 &* x &+ 1], from[3 &* x &+ 2])
        }
      } else {
        for x in 0..<block {
          (red[x], green[x], blue[x]) = (from[4 &* x], from[4 &* x &+ 1], from[4 &* x &+ 2])
        }
      }
      for x in 0..<block {
        let sum =
          9798 &* UInt32(truncatingIfNeeded: red[x]) &+ 19235
          &* UInt32(truncatingIfNeeded: green[x]) &+ 3735 &* UInt32(truncatingIfNeeded: blue[x])
        to[x] = UInt8(truncatingIfNeeded: (sum &+ 1 << 14) &>> 15)
      }
    }
  }
}

private func addChangeUInt8(
  _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ old: UnsafePointer<UInt8>,
  _ new: UnsafePointer<UInt8>, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  if channels == 3 {
    for x in 0..<count {
      addChange(pixels + 3 &* x, old[x], new[x], output + 3 &* x)
    }
  } else {
    for x in 0..<count {
      addChange(pixels + 4 &* x, old[x], new[x], output + 4 &* x)
      output[4 &* x &+ 3] = pixels[4 &* x &+ 3]
    }
  }
}

@inline(__always)
private func addChange(
  _ pixel: UnsafePointer<UInt8>, _ old: UInt8, _ new: UInt8, _ output: UnsafeMutablePointer<UInt8>
) {
  let change = Int16(truncatingIfNeeded: new) &- Int16(truncatingIfNeeded: old)
  for color in 0..<3 {
    let sample = Int16(truncatingIfNeeded: pixel[color]) &+ change
    let positive: Int16 = sample > 0 ? sample : 0
    output[color] = UInt8(truncatingIfNeeded: positive < 255 ? positive : 255)
  }
}

private func exceedsUInt8(
  _ samples: UnsafePointer<UInt8>, _ threshold: Int16, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  for x in 0..<count { output[x] = Int16(truncatingIfNeeded: samples[x]) > threshold ? 255 : 0 }
}

private func interpolateBytes(
  _ corners: UnsafePointer<UInt32>, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
  _ upper: Float, _ lower: Float, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  @inline(__always)
  func byte(_ word: UInt32, _ index: UInt32) -> Float {
    Float(Int32(truncatingIfNeeded: word &>> (8 &* index) & 255))
  }
  for x in 0..<count {
    let word = corners[x]
    let above = byte(word, 0) * left[x] + byte(word, 1) * right[x]
    let below = byte(word, 2) * left[x] + byte(word, 3) * right[x]
    let mean = above * upper + below * lower
    // 1.5 · 2^23 rounds into the low bits.
    output[x] = UInt8(truncatingIfNeeded: (mean + 12_582_912).bitPattern)
  }
}
