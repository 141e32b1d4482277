import LoopInterface

func makeWindowLoops() -> WindowLoops {
  WindowLoops(cross: cross, symmetric: symmetric, any: anyWindow, mean: mean)
}

private func cross(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
) {
  let (center, edge, bias) = (weights.w11, weights.w01, SamplePair(repeating: weights.bias))
  let (left, right) = (middle - step, middle + step)
  filter(count, below, output) { x, read in
    let edges = read(above + x) &+ read(left + x) &+ read(right + x) &+ read(below + x)
    return center &* read(middle + x) &+ edge &* edges &+ bias
  }
}

private func symmetric(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
) {
  let (center, edge, corner) = (weights.w11, weights.w01, weights.w00)
  let bias = SamplePair(repeating: weights.bias)
  filter(count, below, output) { x, read in
    let (above, middle, below) = (above + x, middle + x, below + x)
    let edges = read(above) &+ read(middle - step) &+ read(middle + step) &+ read(below)
    let corners =
      read(above - step) &+ read(above + step) &+ read(below - step) &+ read(below + step)
    return center &* read(middle) &+ edge &* edges &+ corner &* corners &+ bias
  }
}

private func anyWindow(
  _ above: UnsafePointer<UInt8>, _ middle: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
  _ step: Int, _ count: Int, _ weights: WindowWeights, _ output: UnsafeMutablePointer<UInt8>
) {
  let (w, bias) = (weights, SamplePair(repeating: weights.bias))
  filter(count, below, output) { x, read in
    let (above, middle, below) = (above + x, middle + x, below + x)
    let top = w.w00 &* read(above - step) &+ w.w01 &* read(above) &+ w.w02 &* read(above + step)
    let center =
      w.w10 &* read(middle - step) &+ w.w11 &* read(middle) &+ w.w12 &* read(middle + step)
    let bottom = w.w20 &* read(below - step) &+ w.w21 &* read(below) &+ w.w22 &* read(below + step)
    return top &+ center &+ bottom &+ bias
  }
}

/// Writes the results of `window` for `0..<count`: two at a time, read by the function that it is
/// given; of an odd count the last one alone, since no sample after its window may be read.
@inline(__always)
private func filter(
  _ count: Int, _ below: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>,
  _ window: (_ x: Int, _ read: (UnsafePointer<UInt8>) -> SamplePair) -> SamplePair
) {
  inBlocks(of: count, reading: below, writing: output) { first, count in
    for pair in 0..<count &>> 1 {
      let x = first &+ 2 &* pair
      window(x) { SamplePair(at: $0) }.store(to: output + x)
    }
  }
  if count & 1 != 0 {
    let last = window(count &- 1) { SamplePair(repeating: Int16(truncatingIfNeeded: $0.pointee)) }
    output[count &- 1] = UInt8(truncatingIfNeeded: clamped(last.low))
  }
}
