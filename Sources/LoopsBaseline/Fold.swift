import LoopInterface

// Sums and extremes over runs of floats in sixteen lanes. The order of additions is written down
// here, so that every instruction set gives the same bits.

func sum(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
  fold(values, count, identity: 0, { $0 + $1 }, { $0 + $1 })
}

func maximum(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
  // A NaN stays: it is not less than anything, and the lane that holds it is kept.
  fold(
    values, count, identity: -.infinity,
    { $0.replacing(with: $1, where: ($1 .> $0) .| ($1 .!= $1)) },
    { $1 > $0 || $1 != $1 ? $1 : $0 })
}

func minimum(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
  fold(
    values, count, identity: .infinity,
    { $0.replacing(with: $1, where: ($1 .< $0) .| ($1 .!= $1)) },
    { $1 < $0 || $1 != $1 ? $1 : $0 })
}

func product(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
  fold(values, count, identity: 1, { $0 * $1 }, { $0 * $1 })
}

func squaredDistance(_ values: UnsafePointer<Float>, _ center: Float, _ count: Int) -> Float {
  let centers = SIMD16<Float>(repeating: center)
  var lanes = SIMD16<Float>(repeating: 0)
  var i = 0
  while i &+ 16 <= count {
    let d = load(values, i) - centers
    lanes += d * d
    i &+= 16
  }
  var total = pairwise(lanes) { $0 + $1 }
  while i < count {
    let d = values[i] - center
    total += d * d
    i &+= 1
  }
  return total
}

func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Float {
  var lanes = SIMD16<Float>(repeating: 0)
  var i = 0
  while i &+ 16 <= count {
    lanes += load(x, i) * load(y, i)
    i &+= 16
  }
  var total = pairwise(lanes) { $0 + $1 }
  while i < count {
    total += x[i] * y[i]
    i &+= 1
  }
  return total
}

func addRows(
  _ sums: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ rows: Int, _ stride: Int,
  _ count: Int
) {
  var column = 0
  while column &+ 16 <= count {
    var lanes = load(sums, column)
    var row = values + column
    for _ in 0..<rows {
      lanes += load(row, 0)
      row += stride
    }
    UnsafeMutableRawPointer(sums + column).storeBytes(of: lanes, as: SIMD16<Float>.self)
    column &+= 16
  }
  while column < count {
    var total = sums[column]
    for row in 0..<rows { total += values[row &* stride &+ column] }
    sums[column] = total
    column &+= 1
  }
}

func firstNonFinite(_ values: UnsafePointer<Float>, _ count: Int) -> Int {
  var i = 0
  while i < count {
    // x − x is 0 for every finite x and NaN for the others; looked at once for each run.
    let end = min(count, i &+ 1024)
    var probe: Float = 0
    var j = i
    while j < end {
      probe = values[j] - values[j] == 0 ? probe : 1
      j &+= 1
    }
    if probe != 0 {
      while values[i].isFinite { i &+= 1 }
      return i
    }
    i = end
  }
  return count
}

func widen(_ output: UnsafeMutablePointer<Float>, _ input: UnsafePointer<UInt16>, _ count: Int) {
  var i = 0
  while i < count {
    output[i] = Float(bitPattern: UInt32(input[i]) &<< 16)
    i &+= 1
  }
}

func narrow(_ output: UnsafeMutablePointer<UInt16>, _ input: UnsafePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    let bits = input[i].bitPattern
    // Half to even; a NaN keeps its top bits and becomes quiet.
    let rounded = (bits &+ 0x7FFF &+ ((bits &>> 16) & 1)) &>> 16
    let quiet = (bits &>> 16) | 0x40
    output[i] = UInt16(truncatingIfNeeded: bits & 0x7FFF_FFFF > 0x7F80_0000 ? quiet : rounded)
    i &+= 1
  }
}

@inline(__always)
private func load(_ values: UnsafePointer<Float>, _ index: Int) -> SIMD16<Float> {
  UnsafeRawPointer(values + index).loadUnaligned(as: SIMD16<Float>.self)
}

@inline(__always)
private func pairwise(
  _ lanes: SIMD16<Float>, _ combine: (Float, Float) -> Float
) -> Float {
  var lanes = lanes
  var half = 8
  while half > 0 {
    for i in 0..<half { lanes[i] = combine(lanes[i], lanes[i &+ half]) }
    half /= 2
  }
  return lanes[0]
}

@inline(__always)
private func fold(
  _ values: UnsafePointer<Float>, _ count: Int, identity: Float,
  _ vector: (SIMD16<Float>, SIMD16<Float>) -> SIMD16<Float>, _ scalar: (Float, Float) -> Float
) -> Float {
  var lanes = SIMD16<Float>(repeating: identity)
  var i = 0
  while i &+ 16 <= count {
    lanes = vector(lanes, load(values, i))
    i &+= 16
  }
  var total = pairwise(lanes, scalar)
  while i < count {
    total = scalar(total, values[i])
    i &+= 1
  }
  return total
}
