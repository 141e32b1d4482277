import LoopInterface

func makeBilateralLoops() -> BilateralLoops { BilateralLoops(gray: gray, color: color) }

/// What the neighbors differ by is averaged, not what they are: the sums stay small and so do their
/// rounding errors.
private func gray(
  _ rows: UnsafePointer<UnsafePointer<Float>>, _ logs: UnsafePointer<Float>, _ taps: Int,
  _ center: UnsafePointer<Float>, _ scale: Float, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  var x = 0
  while x < count {
    let middle = lanes(center + x)
    var (sum, weights) = (Lanes(), Lanes())
    var tap = 0
    while tap < taps {
      let difference = lanes(rows[tap] + x) - middle
      let weight = power(Lanes(repeating: logs[tap]) - difference * difference)
      sum = sum + weight * difference
      weights = weights + weight
      tap &+= 1
    }
    store(rounded((middle + sum / weights) * Lanes(repeating: scale)), output + x, step: 1)
    x &+= laneCount
  }
}

private func color(
  _ rows: UnsafePointer<UnsafePointer<Float>>, _ logs: UnsafePointer<Float>, _ taps: Int,
  _ center: UnsafePointer<Float>, _ plane: Int, _ scale: Float, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  let scale = Lanes(repeating: scale)
  var x = 0
  while x < count {
    let middle = center + x
    let (red, green) = (lanes(middle), lanes(middle + plane))
    let blue = lanes(middle + 2 &* plane)
    var (reds, greens, blues, weights) = (Lanes(), Lanes(), Lanes(), Lanes())
    var tap = 0
    while tap < taps {
      let row = rows[tap] + x
      let r = lanes(row) - red
      let g = lanes(row + plane) - green
      let b = lanes(row + 2 &* plane) - blue
      let difference = magnitude(r) + magnitude(g) + magnitude(b)
      let weight = power(Lanes(repeating: logs[tap]) - difference * difference)
      reds = reds + weight * r
      greens = greens + weight * g
      blues = blues + weight * b
      weights = weights + weight
      tap &+= 1
    }
    store(rounded((red + reds / weights) * scale), output + 3 &* x, step: 3)
    store(rounded((green + greens / weights) * scale), output + 3 &* x + 1, step: 3)
    store(rounded((blue + blues / weights) * scale), output + 3 &* x + 2, step: 3)
    x &+= laneCount
  }
}

@inline(__always)
private func lanes(_ numbers: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(numbers).loadUnaligned(as: Lanes.self)
}

@inline(__always)
private func magnitude(_ numbers: Lanes) -> Lanes {
  unsafeBitCast(
    unsafeBitCast(numbers, to: Words.self) & Words(repeating: 0x7FFF_FFFF), to: Lanes.self)
}

/// 2ˣ for x ≤ 0, and 2⁻¹²⁶ below that; relative error 3e-6. Adding 1.5 · 2²³ leaves the rounded exponent in
/// the low bits; the rest of x is between −½ and ½.
@inline(__always)
private func power(_ x: Lanes) -> Lanes {
  let x = x.replacing(with: -126, where: x .< -126)
  let shifted = x + Lanes(repeating: 12_582_912)
  let rest = x - (shifted - Lanes(repeating: 12_582_912))
  var p = Lanes(repeating: 0.009_582_85) * rest + Lanes(repeating: 0.055_906_43)
  p = p * rest + Lanes(repeating: 0.240_240_99)
  p = p * rest + Lanes(repeating: 0.693_124_19)
  p = p * rest + Lanes(repeating: 1)
  let exponent = unsafeBitCast(shifted, to: Words.self) &<< Words(repeating: 23)
  return unsafeBitCast(unsafeBitCast(p, to: Words.self) &+ exponent, to: Lanes.self)
}

/// Numbers in 0…255 rounded half to even into the low bits.
@inline(__always)
private func rounded(_ numbers: Lanes) -> Words {
  unsafeBitCast(numbers + Lanes(repeating: 12_582_912), to: Words.self)
}

@inline(__always)
private func store(_ samples: Words, _ output: UnsafeMutablePointer<UInt8>, step: Int) {
  for lane in 0..<laneCount { output[lane &* step] = UInt8(truncatingIfNeeded: samples[lane]) }
}
