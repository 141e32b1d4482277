import CProcessor

private typealias Bytes = SIMD16<UInt8>

func turnSquare(
  _ source: UnsafeRawPointer, _ step: Int, _ destination: UnsafeMutableRawPointer, _ pitch: Int
) {
  // The lines of a square further on, which no prefetcher foresees: each is on another page.
  for line in 0..<16 {
    processor_fetch_to_read(source + line &* step, 64 &* step)
    processor_fetch_to_write(destination + line &* pitch, 128)
  }
  let square = Square { (source + $0 &* step).loadUnaligned(as: Bytes.self) }
  let turned = square.mixed.mixed.mixed.mixed
  (destination + 0 &* pitch).storeBytes(of: turned.a, as: Bytes.self)
  (destination + 1 &* pitch).storeBytes(of: turned.b, as: Bytes.self)
  (destination + 2 &* pitch).storeBytes(of: turned.c, as: Bytes.self)
  (destination + 3 &* pitch).storeBytes(of: turned.d, as: Bytes.self)
  (destination + 4 &* pitch).storeBytes(of: turned.e, as: Bytes.self)
  (destination + 5 &* pitch).storeBytes(of: turned.f, as: Bytes.self)
  (destination + 6 &* pitch).storeBytes(of: turned.g, as: Bytes.self)
  (destination + 7 &* pitch).storeBytes(of: turned.h, as: Bytes.self)
  (destination + 8 &* pitch).storeBytes(of: turned.i, as: Bytes.self)
  (destination + 9 &* pitch).storeBytes(of: turned.j, as: Bytes.self)
  (destination + 10 &* pitch).storeBytes(of: turned.k, as: Bytes.self)
  (destination + 11 &* pitch).storeBytes(of: turned.l, as: Bytes.self)
  (destination + 12 &* pitch).storeBytes(of: turned.m, as: Bytes.self)
  (destination + 13 &* pitch).storeBytes(of: turned.n, as: Bytes.self)
  (destination + 14 &* pitch).storeBytes(of: turned.o, as: Bytes.self)
  (destination + 15 &* pitch).storeBytes(of: turned.p, as: Bytes.self)
}

/// Sixteen rows of sixteen bytes.
private struct Square {
  var a, b, c, d, e, f, g, h: Bytes
  var i, j, k, l, m, n, o, p: Bytes

  @inline(__always)
  init(_ row: (Int) -> Bytes) {
    (a, b, c, d) = (row(0), row(1), row(2), row(3))
    (e, f, g, h) = (row(4), row(5), row(6), row(7))
    (i, j, k, l) = (row(8), row(9), row(10), row(11))
    (m, n, o, p) = (row(12), row(13), row(14), row(15))
  }

  /// Each row of the upper half, byte by byte with its counterpart of the lower one: of a byte's eight bits of place,
  /// row and column, the highest becomes the lowest. Four times, and rows and columns have changed places.
  @inline(__always)
  var mixed: Square {
    var square = self
    (square.a, square.b) = Self.mix(a, i)
    (square.c, square.d) = Self.mix(b, j)
    (square.e, square.f) = Self.mix(c, k)
    (square.g, square.h) = Self.mix(d, l)
    (square.i, square.j) = Self.mix(e, m)
    (square.k, square.l) = Self.mix(f, n)
    (square.m, square.n) = Self.mix(g, o)
    (square.o, square.p) = Self.mix(h, p)
    return square
  }

  @inline(__always)
  private static func mix(_ a: Bytes, _ b: Bytes) -> (Bytes, Bytes) {
    (
      Bytes(
        a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3], a[4], b[4], a[5], b[5], a[6], b[6],
        a[7], b[7]),
      Bytes(
        a[8], b[8], a[9], b[9], a[10], b[10], a[11], b[11], a[12], b[12], a[13], b[13], a[14],
        b[14], a[15], b[15])
    )
  }
}
