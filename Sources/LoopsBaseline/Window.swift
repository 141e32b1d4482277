import LoopInterface

func makeWindowLoops() -> WindowLoops {
  WindowLoops(cross: cross, symmetric: symmetric, any: anyWindow)
}

/// A sample as the 16-bit number that sums are taken in.
@inline(__always)
private func wide(_ sample: UInt8) -> Int16 { Int16(truncatingIfNeeded: sample) }

@inline(__always)
private func clamped(_ sum: Int16) -> UInt8 {
  UInt8(truncatingIfNeeded: sum < 0 ? 0 : sum > 255 ? 255 : sum)
}

private func cross(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
) {
  let (centre, edge, bias) = (weights.w11, weights.w01, weights.bias)
  let (left, right) = (middle - step, middle + step)
  for x in 0..<count {
    let edges = wide(above[x]) &+ wide(left[x]) &+ wide(right[x]) &+ wide(below[x])
    output[x] = clamped(centre &* wide(middle[x]) &+ edge &* edges &+ bias)
  }
}

private func symmetric(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
) {
  let (centre, edge, corner, bias) = (weights.w11, weights.w01, weights.w00, weights.bias)
  for x in 0..<count {
    let edges =
      wide(above[x]) &+ wide(middle[x &- step]) &+ wide(middle[x &+ step]) &+ wide(below[x])
    let corners =
      wide(above[x &- step]) &+ wide(above[x &+ step])
      &+ wide(below[x &- step]) &+ wide(below[x &+ step])
    output[x] = clamped(
      centre &* wide(middle[x]) &+ edge &* edges &+ corner &* corners &+ bias)
  }
}

private func anyWindow(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
) {
  let w = weights
  for x in 0..<count {
    let top =
      w.w00 &* wide(above[x &- step]) &+ w.w01 &* wide(above[x]) &+ w.w02 &* wide(above[x &+ step])
    let centre =
      w.w10 &* wide(middle[x &- step]) &+ w.w11 &* wide(middle[x])
      &+ w.w12 &* wide(middle[x &+ step])
    let bottom =
      w.w20 &* wide(below[x &- step]) &+ w.w21 &* wide(below[x]) &+ w.w22 &* wide(below[x &+ step])
    output[x] = clamped(top &+ centre &+ bottom &+ w.bias)
  }
}
