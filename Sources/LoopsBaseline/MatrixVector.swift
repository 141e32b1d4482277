/// Four rows at a time: as many streams as a core fetches from memory at its fastest.
func multiplyVector(
  _ result: UnsafeMutablePointer<Float>, _ left: UnsafePointer<Float>,
  _ rows: UnsafePointer<Float>, _ inner: Int, _ count: Int
) {
  var row = 0
  while row &+ 4 <= count {
    let (a, b) = (rows + row &* inner, rows + (row &+ 1) &* inner)
    let (c, d) = (rows + (row &+ 2) &* inner, rows + (row &+ 3) &* inner)
    var (sumA, sumB) = (Lanes(repeating: 0), Lanes(repeating: 0))
    var (sumC, sumD) = (Lanes(repeating: 0), Lanes(repeating: 0))
    var k = 0
    while k &+ laneCount <= inner {
      let values = lanes(left, k)
      sumA = accumulated(sumA, values, lanes(a, k))
      sumB = accumulated(sumB, values, lanes(b, k))
      sumC = accumulated(sumC, values, lanes(c, k))
      sumD = accumulated(sumD, values, lanes(d, k))
      k &+= laneCount
    }
    result[row] = total(sumA, left, a, from: k, to: inner)
    result[row &+ 1] = total(sumB, left, b, from: k, to: inner)
    result[row &+ 2] = total(sumC, left, c, from: k, to: inner)
    result[row &+ 3] = total(sumD, left, d, from: k, to: inner)
    row &+= 4
  }
  while row < count {
    let a = rows + row &* inner
    var sum = Lanes(repeating: 0)
    var k = 0
    while k &+ laneCount <= inner {
      sum = accumulated(sum, lanes(left, k), lanes(a, k))
      k &+= laneCount
    }
    result[row] = total(sum, left, a, from: k, to: inner)
    row &+= 1
  }
}

/// Safe: the caller sees that all lanes lie inside the row.
@inline(__always)
private func lanes(_ row: UnsafePointer<Float>, _ k: Int) -> Lanes {
  UnsafeRawPointer(row + k).loadUnaligned(as: Lanes.self)
}

/// The sum of the lanes and of the products beyond the last whole register.
@inline(__always)
private func total(
  _ sum: Lanes, _ left: UnsafePointer<Float>, _ row: UnsafePointer<Float>, from first: Int,
  to end: Int
) -> Float {
  var total = sum.sum()
  for k in first..<end { total += left[k] * row[k] }
  return total
}
