import LoopInterface

// Two registers of columns by eight rows (four where there are but sixteen registers) keep the sums; the
// right factor is packed in panels of these columns, so that a panel stays in the first-level cache while
// the rows pass by.

func makeMatrixLoops() -> MatrixLoops {
  MatrixLoops(
    panel: 2 * laneCount, pack: { packPanels($0, $1, $2, $3, $4, $5) },
    multiply: { multiplyPanels($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
    multiplyVector: { multiplyVector($0, $1, $2, $3, $4) })
}

/// Columns beyond the last are zero.
private func packPanels(
  _ packed: UnsafeMutablePointer<Float>, _ weights: UnsafePointer<Float>, _ inner: Int,
  _ columns: Int, _ innerStride: Int, _ columnStride: Int
) {
  let panel = 2 &* laneCount
  var target = packed
  var first = 0
  while first < columns {
    let used = min(panel, columns &- first)
    var k = 0
    while k < inner {
      let source = weights + (k &* innerStride &+ first &* columnStride)
      var n = 0
      while n < used {
        target[n] = source[n &* columnStride]
        n &+= 1
      }
      while n < panel {
        target[n] = 0
        n &+= 1
      }
      target += panel
      k &+= 1
    }
    first &+= panel
  }
}

private func multiplyPanels(
  _ result: UnsafeMutablePointer<Float>, _ resultStride: Int, _ left: UnsafePointer<Float>,
  _ leftStride: Int, _ packed: UnsafePointer<Float>, _ rows: Int, _ inner: Int, _ columns: Int,
  _ bias: UnsafePointer<Float>?, _ adds: Bool
) {
  let panel = 2 &* laneCount
  var right = packed
  var first = 0
  while first < columns {
    let used = min(panel, columns &- first)
    let strip = Strip(
      result: result + first, resultStride: resultStride, left: left, leftStride: leftStride,
      right: right, inner: inner, columns: used, bias: bias.map { $0 + first }, adds: adds)
    var row = 0
    #if AVX512
      while row &+ 8 <= rows {
        strip.eightRows(row)
        row &+= 8
      }
    #endif
    while row &+ 4 <= rows {
      strip.fourRows(row)
      row &+= 4
    }
    while row < rows {
      strip.oneRow(row)
      row &+= 1
    }
    right += panel &* inner
    first &+= panel
  }
}

/// `sum + weight · value`, in one rounding where the processor has such an instruction.
@inline(__always)
func accumulated(_ sum: Lanes, _ weight: Lanes, _ value: Lanes) -> Lanes {
  #if AVX2 || AVX512 || !arch(x86_64)
    return sum.addingProduct(weight, value)
  #else
    return sum + weight * value
  #endif
}

/// The columns of one panel of a product.
///
/// The caller of the product vouches for all rows and columns; only the last panel has columns without a place,
/// and those are not written.
private struct Strip {
  let result: UnsafeMutablePointer<Float>
  let resultStride: Int
  let left: UnsafePointer<Float>
  let leftStride: Int
  let right: UnsafePointer<Float>
  let inner: Int
  let columns: Int
  let bias: UnsafePointer<Float>?
  let adds: Bool

  /// The sums of a row.
  struct Pair {
    var low, high: Lanes

    @inline(__always)
    mutating func add(_ value: Float, _ a: Lanes, _ b: Lanes) {
      let all = Lanes(repeating: value)
      low = accumulated(low, all, a)
      high = accumulated(high, all, b)
    }
  }

  @inline(__always)
  private func load(_ source: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(source).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private func start(_ row: Int) -> Pair {
    guard let source = adds ? UnsafePointer(result + row &* resultStride) : bias else {
      return Pair(low: Lanes(repeating: 0), high: Lanes(repeating: 0))
    }
    if columns == 2 &* laneCount {
      return Pair(low: load(source), high: load(source + laneCount))
    }
    var pair = Pair(low: Lanes(repeating: 0), high: Lanes(repeating: 0))
    for n in 0..<columns {
      if n < laneCount { pair.low[n] = source[n] } else { pair.high[n &- laneCount] = source[n] }
    }
    return pair
  }

  @inline(__always)
  private func finish(_ row: Int, _ pair: Pair) {
    let target = result + row &* resultStride
    if columns == 2 &* laneCount {
      UnsafeMutableRawPointer(target).storeBytes(of: pair.low, as: Lanes.self)
      UnsafeMutableRawPointer(target + laneCount).storeBytes(of: pair.high, as: Lanes.self)
      return
    }
    for n in 0..<columns {
      target[n] = n < laneCount ? pair.low[n] : pair.high[n &- laneCount]
    }
  }

  @inline(__always)
  func eightRows(_ row: Int) {
    var (s0, s1, s2, s3) = (start(row), start(row &+ 1), start(row &+ 2), start(row &+ 3))
    var (s4, s5, s6, s7) = (start(row &+ 4), start(row &+ 5), start(row &+ 6), start(row &+ 7))
    let stride = leftStride
    var (x, y, panel) = (left + row &* stride, left + (row &+ 4) &* stride, right)
    var k = 0
    while k < inner {
      let (a, b) = (load(panel), load(panel + laneCount))
      s0.add(x[0], a, b)
      s1.add(x[stride], a, b)
      s2.add(x[2 &* stride], a, b)
      s3.add(x[3 &* stride], a, b)
      s4.add(y[0], a, b)
      s5.add(y[stride], a, b)
      s6.add(y[2 &* stride], a, b)
      s7.add(y[3 &* stride], a, b)
      x += 1
      y += 1
      panel += 2 &* laneCount
      k &+= 1
    }
    finish(row, s0)
    finish(row &+ 1, s1)
    finish(row &+ 2, s2)
    finish(row &+ 3, s3)
    finish(row &+ 4, s4)
    finish(row &+ 5, s5)
    finish(row &+ 6, s6)
    finish(row &+ 7, s7)
  }

  @inline(__always)
  func fourRows(_ row: Int) {
    var (s0, s1, s2, s3) = (start(row), start(row &+ 1), start(row &+ 2), start(row &+ 3))
    let stride = leftStride
    var (x, panel) = (left + row &* stride, right)
    var k = 0
    while k < inner {
      let (a, b) = (load(panel), load(panel + laneCount))
      s0.add(x[0], a, b)
      s1.add(x[stride], a, b)
      s2.add(x[2 &* stride], a, b)
      s3.add(x[3 &* stride], a, b)
      x += 1
      panel += 2 &* laneCount
      k &+= 1
    }
    finish(row, s0)
    finish(row &+ 1, s1)
    finish(row &+ 2, s2)
    finish(row &+ 3, s3)
  }

  @inline(__always)
  func oneRow(_ row: Int) {
    var sums = start(row)
    var (x, panel) = (left + row &* leftStride, right)
    var k = 0
    while k < inner {
      sums.add(x[0], load(panel), load(panel + laneCount))
      x += 1
      panel += 2 &* laneCount
      k &+= 1
    }
    finish(row, sums)
  }
}
