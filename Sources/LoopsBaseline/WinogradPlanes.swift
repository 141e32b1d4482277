import LoopInterface

/// Winograd's maps between planes and points. Each walks over the tiles of one plane; a tile's
/// two-dimensional map is the one-dimensional one along its rows, then along its columns.
enum WinogradPlanes {
  typealias Floats = UnsafeMutablePointer<Float>

  /// Points along each side.
  @inline(__always) private static var n: Int { F42.points }

  /// A vector of a plane or of points; all of these lie on multiples of 64 bytes.
  @inline(__always)
  private static func lanes(_ address: UnsafePointer<Float>) -> PixelLanes {
    UnsafeRawPointer(address).load(as: PixelLanes.self)
  }

  @inline(__always)
  private static func store(_ value: PixelLanes, _ address: Floats) {
    UnsafeMutableRawPointer(address).storeBytes(of: value, as: PixelLanes.self)
  }

  /// Memory for the tile at work: as it comes in, half done, and done.
  @inline(__always)
  private static func withTile(
    _ body: (
      _ first: UnsafeMutablePointer<PixelLanes>, _ second: UnsafeMutablePointer<PixelLanes>
    ) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: PixelLanes.self, capacity: 2 * n * n) { memory in
      guard let base = memory.baseAddress else { return }
      body(base, base + n * n)
    }
  }

  /// Maps rows, then columns, of a square of `from` into one of `to` vectors a side, in `second`.
  @inline(__always)
  private static func map(
    _ from: Int, _ to: Int, _ first: UnsafeMutablePointer<PixelLanes>,
    _ second: UnsafeMutablePointer<PixelLanes>,
    _ line: (UnsafePointer<PixelLanes>, Int, UnsafeMutablePointer<PixelLanes>, Int) -> Void
  ) {
    // Rows go into the second square, `to` columns wide, columns from there into the first.
    for row in 0..<from { line(first + row &* from, 1, second + row &* to, 1) }
    for column in 0..<to { line(second + column, to, first + column, to) }
  }

  // The callers' tiles say how large planes and points are; rows and columns outside of a plane are
  // skipped, so that all addresses lie within.

  static func fromFine(_ points: Floats, _ plane: UnsafePointer<Float>, _ tiles: WinogradTiles) {
    let s = F42.stride
    withTile { first, second in
      var target = points
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          for phase in 0..<s &* s {
            let top = 4 &* s &* tileRow &+ phase / s &- tiles.top
            let left = 4 &* s &* tileColumn &+ phase % s &- tiles.left
            let (bottom, right) = (top &+ (n &- 1) &* s, left &+ (n &- 1) &* s)
            if top >= 0, left >= 0, bottom < tiles.fineRows, right < tiles.fineColumns {
              let corner = plane + (top &* tiles.fineColumns &+ left) &* 16
              for row in 0..<n {
                for column in 0..<n {
                  first[row &* n &+ column] = lanes(
                    corner + (row &* tiles.fineColumns &+ column) &* s &* 16)
                }
              }
            } else {
              for row in 0..<n {
                let y = top &+ row &* s
                for column in 0..<n {
                  let x = left &+ column &* s
                  var value = PixelLanes(repeating: 0)
                  if y >= 0, y < tiles.fineRows, x >= 0, x < tiles.fineColumns {
                    value = lanes(plane + (y &* tiles.fineColumns &+ x) &* 16)
                  }
                  first[row &* n &+ column] = value
                }
              }
            }
            map(n, n, first, second) { F42.window($0, $1, $2, $3) }
            let place = target + phase &* tiles.phaseStride
            for point in 0..<n &* n { store(first[point], place + point &* tiles.pointStride) }
          }
          target += 16
        }
      }
    }
  }

  static func fromCoarse(_ points: Floats, _ plane: UnsafePointer<Float>, _ tiles: WinogradTiles) {
    withTile { first, second in
      var target = points
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          let (top, left) = (4 &* tileRow, 4 &* tileColumn)
          let (rows, columns) = (
            min(4, tiles.coarseRows &- top), min(4, tiles.coarseColumns &- left)
          )
          let corner = plane + (top &* tiles.coarseColumns &+ left) &* 16
          if rows < 4 || columns < 4 {
            first.update(repeating: PixelLanes(repeating: 0), count: 16)
          }
          for row in 0..<rows {
            for column in 0..<columns {
              first[row &* 4 &+ column] = lanes(
                corner + (row &* tiles.coarseColumns &+ column) &* 16)
            }
          }
          map(4, n, first, second) { F42.tile($0, $1, $2, $3) }
          for point in 0..<n &* n { store(first[point], target + point &* tiles.pointStride) }
          target += 16
        }
      }
    }
  }

  static func toCoarse(
    _ plane: Floats, _ points: UnsafePointer<Float>, _ tiles: WinogradTiles,
    _ finish: WinogradFinish
  ) {
    let bias =
      finish.bias.map {
        UnsafeRawPointer($0).loadUnaligned(as: PixelLanes.self)
      } ?? PixelLanes(repeating: 0)
    let slope = PixelLanes(repeating: finish.slope)
    withTile { first, second in
      var source = points
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          for point in 0..<n &* n { first[point] = lanes(source + point &* tiles.pointStride) }
          map(n, 4, first, second) { F42.tileTransposed($0, $1, $2, $3) }
          let (top, left) = (4 &* tileRow, 4 &* tileColumn)
          let corner = plane + (top &* tiles.coarseColumns &+ left) &* 16
          for row in 0..<min(4, tiles.coarseRows &- top) {
            for column in 0..<min(4, tiles.coarseColumns &- left) {
              let place = corner + (row &* tiles.coarseColumns &+ column) &* 16
              var value = first[row &* 4 &+ column] + bias
              if finish.adds { value += lanes(place) }
              // A NaN is not above 0 and stays one.
              value.replace(with: value * slope, where: .!(value .> 0))
              store(value, place)
            }
          }
          source += 16
        }
      }
    }
  }

  static func toFine(_ plane: Floats, _ points: UnsafePointer<Float>, _ tiles: WinogradTiles) {
    let (s, overlap) = (F42.stride, n - 4)
    withTile { first, second in
      var source = points
      for tileRow in 0..<tiles.rows {
        for tileColumn in 0..<tiles.columns {
          for phase in 0..<s &* s {
            let place = source + phase &* tiles.phaseStride
            for point in 0..<n &* n { first[point] = lanes(place + point &* tiles.pointStride) }
            map(n, n, first, second) { F42.windowTransposed($0, $1, $2, $3) }
            let top = 4 &* s &* tileRow &+ phase / s &- tiles.top
            let left = 4 &* s &* tileColumn &+ phase % s &- tiles.left
            for row in 0..<n {
              let y = top &+ row &* s
              guard y >= 0, y < tiles.fineRows else { continue }
              // The windows before this one, above and on the left, ended here.
              let isSharedRow = row < overlap && tileRow > 0
              for column in 0..<n {
                let x = left &+ column &* s
                guard x >= 0, x < tiles.fineColumns else { continue }
                let pixel = plane + (y &* tiles.fineColumns &+ x) &* 16
                let isShared = isSharedRow || (column < overlap && tileColumn > 0)
                let value = first[row &* n &+ column]
                store(isShared ? value + lanes(UnsafePointer(pixel)) : value, pixel)
              }
            }
          }
          source += 16
        }
      }
    }
  }
}

/// Winograd's maps between kernels and points, for 16 × 16 pairs of channels at once.
enum WinogradKernels {
  typealias Floats = UnsafeMutablePointer<Float>

  // Kernels hold 256 floats for each tap and points 256 for each point and phase, as the caller
  // promises; all addresses lie within.

  static func fromKernels(
    _ points: Floats, _ kernels: UnsafePointer<Float>, _ pointStride: Int, _ phaseStride: Int,
    _ turns: Bool
  ) {
    let (n, r, s) = (F42.points, F42.taps, F42.stride)
    withUnsafeTemporaryAllocation(
      of: PixelLanes.self, capacity: r * r * 17 + n * r + n * n + 16
    ) { memory in
      guard let taps = memory.baseAddress else { return }
      let (half, whole) = (taps + r * r, taps + r * r + n * r)
      let blocks = whole + n * n
      for phase in 0..<s &* s {
        for row in 0..<r {
          for column in 0..<r {
            let tap = (row &* s &+ phase / s) &* r &* s &+ column &* s &+ phase % s
            let block = blocks + (row &* r &+ column) &* 16
            for channel in 0..<16 {
              block[channel] = UnsafeRawPointer(kernels + (tap &* 256 &+ channel &* 16))
                .load(as: PixelLanes.self)
            }
            if turns { turn(block, blocks + r * r * 16) }
          }
        }
        for channel in 0..<16 {
          for tap in 0..<r &* r { taps[tap] = blocks[tap &* 16 &+ channel] }
          for row in 0..<r { F42.kernel(taps + row &* r, 1, half + row &* n, 1) }
          for column in 0..<n { F42.kernel(half + column, n, whole + column, n) }
          let target = points + (phase &* phaseStride &+ channel &* 16)
          for point in 0..<n &* n {
            UnsafeMutableRawPointer(target + point &* pointStride).storeBytes(
              of: whole[point], as: PixelLanes.self)
          }
        }
      }
    }
  }

  /// Turns a block of 16 × 16 about its diagonal: four times, rows i and i + 8 are shuffled like two
  /// halves of a deck of cards.
  @inline(__always)
  private static func turn(
    _ block: UnsafeMutablePointer<PixelLanes>, _ other: UnsafeMutablePointer<PixelLanes>
  ) {
    var (from, to) = (block, other)
    for _ in 0..<4 {
      for row in 0..<8 {
        let (a, b) = (from[row], from[row &+ 8])
        var (low, high) = (a, b)
        (low.evenHalf, low.oddHalf) = (a.lowHalf, b.lowHalf)
        (high.evenHalf, high.oddHalf) = (a.highHalf, b.highHalf)
        to[2 &* row] = low
        to[2 &* row &+ 1] = high
      }
      swap(&from, &to)
    }
  }

  static func toKernels(
    _ kernels: Floats, _ points: UnsafePointer<Float>, _ pointStride: Int, _ phaseStride: Int,
    _ adds: Bool
  ) {
    let (n, r, s) = (F42.points, F42.taps, F42.stride)
    withUnsafeTemporaryAllocation(of: PixelLanes.self, capacity: r * r + n * r + n * n) { memory in
      guard let taps = memory.baseAddress else { return }
      let (half, whole) = (taps + r * r, taps + r * r + n * r)
      for phase in 0..<s &* s {
        for channel in 0..<16 {
          let source = points + (phase &* phaseStride &+ channel &* 16)
          for point in 0..<n &* n {
            whole[point] = UnsafeRawPointer(source + point &* pointStride).load(as: PixelLanes.self)
          }
          for row in 0..<n { F42.kernelTransposed(whole + row &* n, 1, half + row &* r, 1) }
          for column in 0..<r { F42.kernelTransposed(half + column, r, taps + column, r) }
          for row in 0..<r {
            for column in 0..<r {
              let tap = (row &* s &+ phase / s) &* r &* s &+ column &* s &+ phase % s
              let place = UnsafeMutableRawPointer(kernels + (tap &* 256 &+ channel &* 16))
              var value = taps[row &* r &+ column]
              if adds { value += UnsafeRawPointer(place).load(as: PixelLanes.self) }
              place.storeBytes(of: value, as: PixelLanes.self)
            }
          }
        }
      }
    }
  }
}
